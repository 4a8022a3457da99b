"""What the confined children of these tests run."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from networx.errors import Conflict, Problem, RefusedInput


def echo(request: dict[str, Any], send: Any) -> None:
    print("a library's chatter must not fall between the frames")
    send({"echo": request})


def refuse(request: dict[str, Any], send: Any) -> None:
    raise RefusedInput([Problem("is negative", "range", sheet="S", row=2, column="c", value="-1")], code="BAD")


def conflict(request: dict[str, Any], send: Any) -> None:
    raise Conflict(what="two of them")


def bug(request: dict[str, Any], send: Any) -> None:
    raise KeyError("missing")


def hog(request: dict[str, Any], send: Any) -> None:
    kept = []
    while True:
        kept.append(bytearray(16 * 1024**2))


def spin(request: dict[str, Any], send: Any) -> None:
    while True:
        pass


def sleep(request: dict[str, Any], send: Any) -> None:
    send({"pid": os.getpid()})
    time.sleep(60)


def crash(request: dict[str, Any], send: Any) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def environment(request: dict[str, Any], send: Any) -> None:
    send({"names": sorted(os.environ)})
