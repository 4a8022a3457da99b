"""`make security`: wapiti against a platform of its own, as a person at the pages and as a key at every operation.

It ends with 1 when something of level medium or higher was found that does not stand in ACCEPTED with its reason. The
scanner is an environment of its own (bin/security).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.home import CHECKOUT, Home, free_port
from local.platform import Platform, running
from local.services import all_services

WAPITI = CHECKOUT / ".venv" / "security" / "bin" / "wapiti"
# Those that need no server of somebody else's, and look for what an application like this could have.
MODULES = (
    *("backup", "crlf", "csrf", "exec", "file", "ldap", "methods"),
    *("permanentxss", "redirect", "sql", "timesql", "upload", "xss"),
)
SCAN_SECONDS, ATTACK_SECONDS = 60, 60
MEDIUM = 2
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
        with running(Home(place / "home"), environment=environment, services=web, announce=print) as platform:
            findings = [
                *_scan(platform, place / "pages", _as_person(platform)),
                *_scan(platform, place / "operations", _as_key(platform, place)),
            ]
            _require_answers(platform)
    return report(findings)


def report(findings: Sequence[Finding], accepted: Sequence[Accepted] | None = None) -> int:
    """Print the findings; 1 when one of level medium or higher is not accepted, or an acceptance covers nothing."""
    known = ACCEPTED if accepted is None else accepted
    grave = [found for found in dict.fromkeys(findings) if found.level >= MEDIUM]
    new = [found for found in grave if not any(one.covers(found) for one in known)]
    idle = [one for one in known if not any(one.covers(found) for found in grave)]
    levels = Counter(LEVELS[found.level] for found in dict.fromkeys(findings))
    print(f"Found: {', '.join(f'{levels[level]} {level}' for level in LEVELS)}.")
    for found in dict.fromkeys(findings):
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


def _as_key(platform: Platform, place: Path) -> list[str]:
    """A key with every scope at every operation of the document."""
    headers = {"X-API-Key": platform.dev_key}
    document = httpx.get(f"{platform.url}/openapi.json", headers=headers, trust_env=False).json()
    document["servers"] = [{"url": platform.url}]
    path = place / "openapi.json"
    path.write_text(json.dumps(document))
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
    print(f"Scanning ({place.name})")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return list(findings_in(json.loads((place / "report.json").read_text())))


def _require_answers(platform: Platform) -> None:
    """A platform that has begun to refuse, or has fallen, was not scanned to the end."""
    headers = {"X-API-Key": platform.dev_key}
    httpx.get(f"{platform.url}/api/jobs", headers=headers, trust_env=False).raise_for_status()


if __name__ == "__main__":
    sys.exit(main())
