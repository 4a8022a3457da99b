"""What the confined children of the chaos suite do when told: answer, crash, hang, or eat memory."""

from __future__ import annotations

import os
import signal
from typing import Any


def work(request: dict[str, Any], send: Any) -> None:
    """Do what the request names. `hang` is deaf to everything but SIGKILL."""
    send({"pid": os.getpid()})
    match request["do"]:
        case "answer":
            return
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "hang":
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            while True:
                signal.pause()
        case "eat":
            kept = []
            while True:
                kept.append(bytearray(16 * 1024**2))
