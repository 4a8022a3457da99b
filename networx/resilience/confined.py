"""The child's side of confinement: `python -m networx.resilience.confined MODULE:FUNCTION --memory-mib N ...`.

The process limits itself before it imports anything large, imports the function ahead, says that it is ready, takes
one request from its parent, and answers in frames. It ends with its parent: by the kernel's signal where there is
one, and by the closed pipe everywhere.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

from networx.errors import LimitExceeded, NetworxError, RefusedInput
from networx.observability import logs
from networx.resilience.frames import read_frame, write_frame

PR_SET_PDEATHSIG = 1
MEMORY_EXIT = 86  # what the watchdog ends with where the system has no address-space limit

Send = Callable[[dict[str, Any]], None]


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends; Linux only, others have the closed pipe."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def limit_resources(memory_mib: int, cpu_seconds: int) -> None:
    """Bound this process's memory and CPU time; where no address-space limit exists, watch the resident size."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if cpu_seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    limit = memory_mib * 1024**2
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    else:
        threading.Thread(target=_watch_memory, args=(limit,), daemon=True).start()


def _watch_memory(limit: int) -> None:
    while True:
        # ru_maxrss is in bytes on macOS, where this runs.
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > limit:
            os._exit(MEMORY_EXIT)
        time.sleep(0.2)


def _end_with_pipe(pipe: BinaryIO) -> None:
    pipe.read(1)
    os._exit(1)


def describe(error: BaseException, memory_mib: int) -> dict[str, Any]:
    """An error as it crosses to the parent."""
    if isinstance(error, MemoryError):
        error = LimitExceeded(limit=f"{memory_mib} MiB of memory")
    if isinstance(error, RefusedInput):
        problems = [problem.as_dict() for problem in error.problems]
        return {"type": "RefusedInput", "summary": str(error), "code": error.code, "problems": problems}
    if isinstance(error, NetworxError):
        return {"type": type(error).__name__, "facts": {name: str(value) for name, value in error.facts.items()}}
    return {"type": type(error).__name__, "message": str(error), "traceback": traceback.format_exc()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="networx.resilience.confined")
    parser.add_argument("target")
    parser.add_argument("--memory-mib", type=int, required=True)
    parser.add_argument("--cpu-seconds", type=int, required=True)
    options = parser.parse_args()
    die_with_parent()
    # Ctrl-C in a terminal reaches the whole group; only the worker decides when a child ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not fall between the frames
    limit_resources(options.memory_mib, options.cpu_seconds)
    logs.configure("child", "INFO")
    module, _, name = options.target.partition(":")
    work: Callable[[dict[str, Any], Send], None] = getattr(importlib.import_module(module), name)
    try:
        write_frame(answers, {"ready": os.getpid()})
    except BrokenPipeError:
        os._exit(0)  # who started it ahead has ended meanwhile: there is nobody to tell
    request = read_frame(sys.stdin.buffer)
    if request is None:
        return
    threading.Thread(target=_end_with_pipe, args=(sys.stdin.buffer,), daemon=True).start()
    try:
        work(request, lambda message: write_frame(answers, message))
        write_frame(answers, {"done": True, "peak_mib": _peak_mib()})
    except BaseException as error:  # whatever it was, the parent must hear of it
        write_frame(answers, {"error": describe(error, options.memory_mib)})
    os._exit(0)  # a library's threads must not hold the answer back


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1024 if sys.platform == "linux" else peak / 1024**2, 1)


if __name__ == "__main__":
    main()
