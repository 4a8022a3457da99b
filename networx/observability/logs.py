"""Structured logs: one JSON object a line, a constant sentence plus fields, ids bound once, secrets redacted."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

_bound: ContextVar[dict[str, Any]] = ContextVar("networx_log_fields", default={})  # noqa: B039  # replaced, never mutated
_SECRET_NAME = re.compile(r"password|secret|token|authorization|api[-_]?key|cookie|credential", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(?P<scheme>\w+://[^:/\s]*:)[^@/\s]+(?=@)|(?P<bearer>Bearer\s+)[^\s\"']+"
    r"|(?P<signed>X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s\"']+|(?P<key>\bnwx_)[\w-]+",
    re.IGNORECASE,
)
REDACTED = "[redacted]"
# At INFO or DEBUG they tell much, and addresses that carry signatures and keys.
_CHATTY = ("botocore", "boto3", "urllib3", "httpx", "httpcore", "hpack", "psycopg.pool", "matplotlib", "fontTools")


# One of these stands in whatever the pattern above finds, and looking for them takes no time.
_SECRET_MARKS = ("://", "bearer", "x-amz-", "nwx_")


def _redact_text(text: str) -> str:
    lower = text.lower()
    for mark in _SECRET_MARKS:
        if mark in lower:
            break
    else:
        return text
    # Of each secret the part before it stays, so that one can see what stood there.
    return _SECRET_TEXT.sub(lambda found: str(found[found.lastgroup or 0]) + REDACTED, text)


@lru_cache(maxsize=1024)
def _names_a_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def redact(name: str, value: Any) -> Any:
    """A field's value as it may be logged."""
    if _names_a_secret(name):
        return REDACTED
    if isinstance(value, dict):
        return {str(key): redact(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(name, inner) for inner in value]
    if isinstance(value, str):
        return _redact_text(value)
    return value


def _as_text(value: object) -> str:
    return _redact_text(str(value))


class JsonFormatter(logging.Formatter):
    """One line of JSON: time, level, logger, sentence, bound ids, fields, and the traceback of an error."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        fields = {**_bound.get(), **getattr(record, "fields", {})}
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._process,
            "logger": record.name,
            "message": _redact_text(record.getMessage()),
            **{name: redact(name, value) for name, value in fields.items()},
        }
        if record.exc_info:
            line["exception"] = _redact_text(self.formatException(record.exc_info))
        return orjson.dumps(line, default=_as_text).decode()


class Log:
    """A logger whose calls take a constant sentence and fields: `log.info("job.claimed", attempt=1)`."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, sentence: str, /, **fields: Any) -> None:
        self._logger.debug(sentence, extra={"fields": fields})

    def info(self, sentence: str, /, **fields: Any) -> None:
        self._logger.info(sentence, extra={"fields": fields})

    def warning(self, sentence: str, /, **fields: Any) -> None:
        self._logger.warning(sentence, extra={"fields": fields})

    def error(self, sentence: str, /, fault: BaseException | None = None, **fields: Any) -> None:
        """`fault` adds the traceback of an error that was caught elsewhere."""
        self._logger.error(sentence, extra={"fields": fields}, exc_info=fault)

    def exception(self, sentence: str, /, **fields: Any) -> None:
        """Inside an exception handler: the sentence with the traceback of what is being handled."""
        self.error(sentence, fault=sys.exception(), **fields)


def configure(process: str, level: str) -> None:
    """Send this process's logs to stderr as JSON lines, in the name of `process`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # No line of ours says from which line of code, thread or process it comes: then nobody needs to find out.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # the library's own advice, in its chapter on optimisation
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Every line logged inside carries these fields (jobId, requestId, tenantId ...)."""
    token = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(token)
