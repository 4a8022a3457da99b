"""`cbc_peer.py FOLDER SECONDS GAP`: CBC, the program that PuLP brings, on the strong model."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import pulp

from bench.solver.answer import Answer, known


def main(folder: str, seconds: str, gap: str) -> None:
    program = pulp.PULP_CBC_CMD().path
    options = ["-threads", "1", "-timeMode", "cpu", "-seconds", seconds, "-ratio", gap, "-allow", "0", "-solve"]
    told = subprocess.run([program, f"{folder}/strong.mps", *options], stdout=subprocess.PIPE, text=True).stdout
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = _one(r"Result - (.*)", told) or "no result"
    cost = _figure(r"Objective value:\s+(\S+)", told)
    bound = cost if "Optimal" in status else _figure(r"Lower bound:\s+(\S+)", told)
    nodes = _one(r"Enumerated nodes:\s+(\d+)", told)
    Path(folder, "cbc.log").write_text(told)
    Answer(
        status.strip(),
        cost,
        bound,
        used.ru_utime + used.ru_stime,
        None if nodes is None else int(nodes),
    ).tell()


def _figure(pattern: str, told: str) -> float | None:
    """A cost; where there is no plan, CBC says 1e50."""
    found = _one(pattern, told)
    return None if found is None else known(float(found))


def _one(pattern: str, told: str) -> str | None:
    found = re.search(pattern, told)
    return found.group(1) if found else None


if __name__ == "__main__":
    main(*sys.argv[1:])
