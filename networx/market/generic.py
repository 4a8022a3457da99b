"""A source that an operator describes: an address, where the figure stands in its JSON, its unit and its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from networx.domain.market import MARKET_KINDS, ROADS
from networx.errors import ConfigurationError
from networx.market.sources import Caller, Told, ask
from networx.market.values import Observation, Standing, Unusable, confidence_of, plausible, usable_day
from networx.resilience.exchange import Call
from networx.resilience.http import Terms
from networx.resilience.limits import Limit

SECRET = "{secret}"  # noqa: S105  # the place where one is put
SUBJECT = "{subject}"
_MEMBERS = {
    "name", "kind", "subjects", "url", "value", "as_of", "unit", "licence", "secret", "headers", "time_zone",
    "requests_per_day",
}  # fmt: skip
_REQUIRED = ("name", "kind", "subjects", "url", "value", "as_of", "unit", "licence")


@dataclass(frozen=True, slots=True)
class Generic:
    """One figure an answer, at the JSON pointers `value` and `as_of`; subjects are asked for one by one."""

    name: str
    kind: str
    subjects: Sequence[str]
    url: str
    value: str
    as_of: str
    unit: str
    licence: str
    caller: Caller
    key: Callable[[], str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    time_zone: str = "UTC"
    requests_per_day: int | None = None

    standing = Standing.DERIVED

    @property
    def address(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def observe(self, subjects: Sequence[str], now: datetime) -> Told:
        """What each answer says."""
        observations: dict[str, Observation] = {}
        failures: dict[str, str] = {}
        for subject in subjects:
            try:
                observations[subject] = self._observed(subject, now)
            except Unusable as fault:
                failures[subject] = str(fault)
        return Told(observations, failures)

    def _observed(self, subject: str, now: datetime) -> Observation:
        key = "" if self.key is None else self.key()
        shown = self.url.replace(SUBJECT, quote(subject, safe=""))
        headers = {name: value.replace(SECRET, key) for name, value in self.headers.items()}
        call = Call("GET", shown.replace(SECRET, quote(key, safe="")), headers=headers)
        said = ask(self.caller, call, self._terms())
        kind = MARKET_KINDS[self.kind]
        day = self._day(pointed(said, self.as_of))
        return Observation(
            kind=self.kind,
            subject=subject,
            as_of=usable_day(kind, day, now),
            value=plausible(kind, pointed(said, self.value), self.unit),
            source=self.name,
            confidence=confidence_of(self.standing, preliminary=False),
            licence=self.licence,
            request=f"GET {shown}",
        )

    def _terms(self) -> Terms:
        per_day = self.requests_per_day
        daily = None if per_day is None else Limit(f"outbound-{self.name}-day", per_day, timedelta(days=1))
        return Terms(daily=daily, total=timedelta(seconds=20), largest_bytes=1024**2)

    def _day(self, said: Any) -> date:
        """The day of a date, or of an instant where the source is; one without an offset is of the source's zone."""
        if not isinstance(said, str):
            raise Unusable("its as_of is no date")
        try:
            if "T" not in said and " " not in said:
                return date.fromisoformat(said)
            zone = ZoneInfo(self.time_zone)
            instant = datetime.fromisoformat(said)
            return instant.replace(tzinfo=instant.tzinfo or zone).astimezone(zone).date()
        except (ValueError, OverflowError):
            raise Unusable(f"its as_of {said[:40]!r} is no date") from None


def pointed(said: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) points at. Raises Unusable where there is nothing."""
    for raw in pointer.split("/")[1:]:
        step = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(said, dict) and step in said:
            said = said[step]
        elif isinstance(said, list) and _is_index(step) and int(step) < len(said):
            said = said[int(step)]
        else:
            raise Unusable(f"its answer has nothing at {pointer}")
    return said


def _is_index(step: str) -> bool:
    return step == "0" or (step.isascii() and step.isdecimal() and len(step) <= 9 and not step.startswith("0"))


def described(said: Mapping[str, Any], caller: Caller, keys: Callable[[str], Callable[[], str]]) -> Generic:
    """The source of a description. Raises ConfigurationError that names what is wrong with it."""
    name = str(said.get("name", "one without a name"))
    faults = [f"{each} is missing" for each in _REQUIRED if not said.get(each)]
    faults += [f"{each} is not known" for each in sorted(set(said) - _MEMBERS)]
    if faults:
        raise ConfigurationError(what=f"The market source {name}: {'; '.join(faults)}")
    kind = MARKET_KINDS.get(str(said["kind"]))
    headers = said.get("headers") or {}
    templates = [str(said["url"]), *map(str, headers.values())] if isinstance(headers, dict) else [str(said["url"])]
    secret = said.get("secret")
    rules = {
        "kind is none that is known": kind is None or kind.name in ROADS,
        "unit is none of its kind": kind is not None and said["unit"] not in {kind.unit, *kind.units},
        "subjects are not a list of texts": not _texts(said["subjects"]),
        "url must begin with http": not str(said["url"]).startswith(("https://", "http://")),
        "value and as_of must be JSON pointers, which begin with /": not (
            str(said["value"]).startswith("/") and str(said["as_of"]).startswith("/")
        ),
        f"url needs {SUBJECT} where there are several subjects": _texts(said["subjects"])
        and len(said["subjects"]) > 1
        and SUBJECT not in str(said["url"]),
        f"{SECRET} and secret belong together": any(SECRET in each for each in templates) != bool(secret),
        "headers are not texts by name": not isinstance(headers, dict) or not _texts(list(headers.values()) or ["-"]),
        "time_zone is not known": not _is_zone(said.get("time_zone", "UTC")),
        "requests_per_day is no number from 1": not _is_count(said.get("requests_per_day", 1)),
    }
    broken = [rule for rule, is_broken in rules.items() if is_broken]
    if broken:
        raise ConfigurationError(what=f"The market source {name}: {'; '.join(broken)}")
    return Generic(
        name=name,
        kind=str(said["kind"]),
        subjects=tuple(said["subjects"]),
        url=str(said["url"]),
        value=str(said["value"]),
        as_of=str(said["as_of"]),
        unit=str(said["unit"]),
        licence=str(said["licence"]),
        caller=caller,
        key=keys(str(secret)) if secret else None,
        headers=dict(headers),
        time_zone=str(said.get("time_zone", UTC)),
        requests_per_day=said.get("requests_per_day"),
    )


def _texts(said: Any) -> bool:
    return isinstance(said, list) and bool(said) and all(isinstance(each, str) and each for each in said)


def _is_zone(said: Any) -> bool:
    try:
        return isinstance(said, str) and ZoneInfo(said) is not None
    except (KeyError, ValueError, OSError):  # a zone that is not there is a KeyError
        return False


def _is_count(said: Any) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and 0 < said <= 10_000_000
