"""`make security`: wapiti against a platform of its own, as a person at the pages and as a key at every operation.

It ends with 1 when something of level low or higher was found that does not stand in ACCEPTED with its reason. The
scanner is an environment of its own (bin/security).

A scan asks more often than any client may. So the platform that is scanned, which is made for it and gone afterwards,
has the cells of its rate limits emptied all the while, from outside: nothing in the product can be told to count less.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import redis

from local.home import CHECKOUT, LOOPBACK, Home, free_port
from local.platform import Platform, running
from local.services import all_services

WAPITI = CHECKOUT / ".venv" / "security" / "bin" / "wapiti"
# Those that need no server of somebody else's, and look for what an application like this could have.
MODULES = (
    *("backup", "crlf", "csrf", "exec", "file", "ldap", "methods"),
    *("permanentxss", "redirect", "sql", "timesql", "upload", "xss"),
)
SCAN_SECONDS, ATTACK_SECONDS = 60, 60
LOW = 1
CELLS_EMPTIED_EVERY_SECONDS = 0.2
LEVELS = ("info", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that is none, and why: `category` and `path` as the scanner names them."""

    category: str
    path: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        return (self.category, self.path) == (finding.category, finding.path)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the scanner's report."""

    category: str
    level: int
    method: str
    path: str
    parameter: str
    info: str

    def __str__(self) -> str:
        named = f" ({self.parameter})" if self.parameter else ""
        return f"{LEVELS[self.level]}: {self.category}: {self.method} {self.path}{named}: {self.info}"


ACCEPTED: tuple[Accepted, ...] = ()


def main() -> int:
    """Scan, say what was found, and give the exit code."""
    with tempfile.TemporaryDirectory(prefix="networx scan ") as folder:
        place = Path(folder)
        web = [service for service in all_services() if service.name == "web"]
        environment = {**os.environ, "NETWORX_PORT": str(free_port())}
        with (
            running(Home(place / "home"), environment=environment, services=web, announce=print) as platform,
            uncounted(platform.ports.valkey, platform.home.secret("valkey")),
        ):
            pages = _scan(platform, place / "pages", _as_person(platform))
            document = _document(platform)
            already = platform.supervisor.log_of("web").stat().st_size
            operations = _scan(platform, place / "operations", _as_key(platform, place, document))
            _require_answers(platform)
            with platform.supervisor.log_of("web").open("rb") as log:
                log.seek(already)
                asked = requests_in(log)
    print(coverage(document, asked))
    return report([*pages, *operations])


@contextmanager
def uncounted(port: int, password: str) -> Iterator[None]:
    """Empties the cells of the rate limits in a platform's Valkey again and again."""
    over = Event()
    with redis.Redis(host=LOOPBACK, port=port, password=password) as valkey:

        def empty() -> None:
            while not over.wait(CELLS_EMPTIED_EVERY_SECONDS):
                for cell in valkey.scan_iter("networx:limits:*"):
                    valkey.delete(cell)

        emptying = Thread(target=empty, name="empties-limits", daemon=True)
        emptying.start()
        try:
            yield
        finally:
            over.set()
            emptying.join()


def requests_in(log: Iterable[bytes]) -> Counter[tuple[str, int]]:
    """How often each operation gave each status, by the web process's own log."""
    asked: Counter[tuple[str, int]] = Counter()
    for line in log:
        told = json.loads(line) if line.startswith(b"{") else {}
        if told.get("message") == "request.answered":
            asked[f"{told['method']} {told['endpoint']}", told["status"]] += 1
    return asked


def coverage(document: dict[str, Any], asked: Counter[tuple[str, int]]) -> str:
    """What a scan of a document's operations came to. Raises RuntimeError where one was refused for its number."""
    listed = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    if any(status == 429 for _, status in asked):
        raise RuntimeError("Requests of the scan were refused as too many: what they would have found is not known.")
    reached = listed & {operation for operation, _ in asked}
    done = listed & {operation for operation, status in asked if status < 300}
    said = (
        f"Scanned {len(reached)} of {len(listed)} operations with {asked.total()} requests; {len(done)} of them did "
        "what they were asked at least once."
    )
    left = sorted(listed - reached)
    return f"{said} Never asked: {', '.join(left)}." if left else said


def report(findings: Sequence[Finding], accepted: Sequence[Accepted] | None = None) -> int:
    """Print what was found, of mere information how much; the exit code.

    It is 1 when a finding of level low or higher is not accepted, or an acceptance covers nothing.
    """
    known = ACCEPTED if accepted is None else accepted
    grave = [found for found in dict.fromkeys(findings) if found.level >= LOW]
    new = [found for found in grave if not any(one.covers(found) for one in known)]
    idle = [one for one in known if not any(one.covers(found) for found in grave)]
    levels = Counter(LEVELS[found.level] for found in dict.fromkeys(findings))
    print(f"Found: {', '.join(f'{levels[level]} {level}' for level in LEVELS)}.")
    for category, times in Counter(found.category for found in dict.fromkeys(findings) if found.level < LOW).items():
        print(f"  info: {category}: {times} times")
    for found in dict.fromkeys(grave):
        print(f"  {'NEW ' if found in new else ''}{found}")
    for one in idle:
        print(f"  No longer found, take it out of ACCEPTED: {one.category} at {one.path}")
    return 1 if new or idle else 0


def findings_in(told: dict[str, Any]) -> Iterator[Finding]:
    """The findings of a report in wapiti's JSON."""
    for part in ("vulnerabilities", "anomalies", "additionals"):
        for category, found in told.get(part, {}).items():
            for one in found:
                yield Finding(
                    category, one["level"], one["method"], one["path"], one.get("parameter") or "", one["info"]
                )


def _as_person(platform: Platform) -> list[str]:
    """A signed-in browser at the pages, whose requests come from the pages themselves."""
    with httpx.Client(base_url=platform.url, trust_env=False) as browser:
        browser.post("/sign-in", headers={"Sec-Fetch-Site": "same-origin"})
        ((name, value),) = browser.cookies.items()
    return ["-C", f"{name}={value}", "-H", "Sec-Fetch-Site: same-origin", "-x", f"{platform.url}/sign-out"]


def _document(platform: Platform) -> dict[str, Any]:
    headers = {"X-API-Key": platform.dev_key}
    told: dict[str, Any] = httpx.get(f"{platform.url}/openapi.json", headers=headers, trust_env=False).json()
    return told


def _as_key(platform: Platform, place: Path, document: dict[str, Any]) -> list[str]:
    """A key with every scope at every operation of the document."""
    path = place / "openapi.json"
    path.write_text(json.dumps({**document, "servers": [{"url": platform.url}]}))
    return ["--swagger", str(path), "-H", f"X-API-Key: {platform.dev_key}"]


def _scan(platform: Platform, place: Path, options: Sequence[str]) -> list[Finding]:
    """What one run finds. Raises CalledProcessError when the scanner itself fails."""
    command = [
        *(str(WAPITI), "-u", f"{platform.url}/", "--scope", "folder", "-m", ",".join(MODULES), "--flush-session"),
        *("--store-session", str(place / "session"), "--store-config", str(place / "config")),
        *("--max-scan-time", str(SCAN_SECONDS), "--max-attack-time", str(ATTACK_SECONDS), "--no-bugreport"),
        *("-f", "json", "-o", str(place / "report.json"), "-v", "0", *options),
    ]
    place.mkdir()
    began = time.monotonic()
    print(f"Scanning ({place.name})", flush=True)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f"  {time.monotonic() - began:.0f} s")
    return list(findings_in(json.loads((place / "report.json").read_text())))


def _require_answers(platform: Platform) -> None:
    """A platform that has begun to refuse, or has fallen, was not scanned to the end."""
    headers = {"X-API-Key": platform.dev_key}
    httpx.get(f"{platform.url}/api/jobs", headers=headers, trust_env=False).raise_for_status()


if __name__ == "__main__":
    sys.exit(main())
