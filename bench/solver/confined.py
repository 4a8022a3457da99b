"""`python -m bench.solver.confined MIB SECONDS CORE COMMAND...`: become a command that cannot use more than that."""

from __future__ import annotations

import os
import resource
import sys

MIB = 1024 * 1024


def main(memory_mib: int, seconds: int, core: int, command: list[str]) -> None:
    os.sched_setaffinity(0, {core})
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    # Data alone: programs map far more addresses than they ever use.
    resource.setrlimit(resource.RLIMIT_DATA, (memory_mib * MIB, memory_mib * MIB))
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
