"""`make restore-drill`: is a backup worth anything? Nobody knows before it was put back.

A platform of its own is put under load (uploads, many small solves and a few long ones) and backed up while it works.
Then everything is destroyed. What was put back from the backup is compared with what the backup says of its instant,
row by row and object by object, by servers that are started on the restored home for this alone; then the platform is
started, and every job that waited or ran must end. Prints recovery point and recovery time; ends with 1 and what
differs if anything does.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from cli.client import Client
from cli.load.driver import Driver, Load, Made
from cli.load.mix import Mix
from cli.terminal import ended_by_signals
from drills.accounts import outcomes, violations, wait_for_the_end
from drills.platforms import DrillFailed, OwnPlatform, lines_of, place_for
from local import aws, postgres
from local.backups import record, store
from local.backups.manifest import Manifest, read
from local.environment import inherited
from local.home import CHECKOUT, Home, free_port
from local.resources import emulator
from local.supervisor import Supervisor

RECOVERY_POINT_SECONDS = 300.0
RECOVERY_TIME_SECONDS = 3600.0
_EXAMPLE = CHECKOUT / "examples" / "us_network.xlsx"
_MIX = "uploads=1,submits=2,reads=2"
_WORKS_WITHIN_SECONDS = 180.0
_ENDS_WITHIN_SECONDS = 600.0


@dataclass
class Drill:
    """What was seen. `wrong` is empty when the drill was passed."""

    facts: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def rehearse(folder: Path, *, seconds: float, long_solves: int, say: Any = print) -> Drill:
    """The whole rehearsal within `folder`: load for `seconds` before the backup and as long after it.

    `long_solves` are jobs of the example network, which take seconds each. Raises DrillFailed where it cannot go on.
    """
    drill = Drill()
    platform = OwnPlatform(folder / "home")
    backup = folder / "backup"
    try:
        platform.start()
        say("A platform is up; putting it under load")
        with _load(platform, long_solves) as made:
            time.sleep(seconds)
            _wait_for_work(platform)
            manifest = _back_up(platform, backup)
            say(f"Backed up as of {manifest.instant}; the load goes on")
            time.sleep(seconds)
            last, killed = datetime.now(UTC), time.monotonic()
            platform.kill()
        platform.destroy()
        say("Everything is destroyed; restoring")
        _restore(platform, backup)
        compared = time.monotonic()
        drill.wrong += _compare(platform, manifest)
        comparing = time.monotonic() - compared
        say("Compared; starting the restored platform")
        platform.start()
        recovered = time.monotonic() - killed - comparing
        _judge(drill, platform, manifest, made)
    finally:
        platform.stop()
    point = (last - datetime.fromisoformat(manifest.instant)).total_seconds()
    if point > RECOVERY_POINT_SECONDS + seconds or recovered > RECOVERY_TIME_SECONDS:
        drill.wrong.append(f"it lost {point:.0f} s and took {recovered:.0f} s: more than the targets allow")
    drill.facts["recovery point"] = f"{point:.1f} s (from the backup's instant to the end of everything)"
    drill.facts["recovery time"] = (
        f"{recovered:.1f} s (from there until the platform served again; the comparison not counted)"
    )
    return drill


@contextmanager
def _load(platform: OwnPlatform, long_solves: int) -> Iterator[Made]:
    """Clients that go on until the block ends; what they made grows meanwhile."""
    url = platform.state()["url"]
    driver = Driver(url, platform.key)
    scenario = driver.prepare()
    made = Made()
    client = Client(url, platform.key)
    long = _long_scenario(client)
    made.job_ids += [
        client.post("/api/optimize/run-batch", {"scenario_id": long})["job_id"] for _ in range(long_solves)
    ]
    load = Load(Mix.read(_MIX), concurrency=3, seconds=3600, pause=lambda: 0.3)
    clients = Thread(target=driver.make, args=(load, scenario, made), name="load", daemon=True)
    clients.start()
    try:
        yield made
    finally:
        driver.stop()
        clients.join(60)


def _long_scenario(client: Client) -> str:
    """A scenario of the example network."""
    uploaded = client.upload(_EXAMPLE, lambda _bytes: None)
    settled = client.settled_upload(uploaded["upload_id"], lambda _upload: None)
    project = client.post("/api/projects", {"name": "restore drill"})
    scenario = {
        "project_id": project["project_id"],
        "name": "restore drill",
        "type": "transport",
        "datasets": {"network": settled["dataset_id"]},
    }
    return str(client.post("/api/scenarios", scenario)["scenario_id"])


def _wait_for_work(platform: OwnPlatform) -> None:
    """Until something runs and something has ended. Raises DrillFailed."""
    end = time.monotonic() + _WORKS_WITHIN_SECONDS
    with platform.database() as database:
        while time.monotonic() < end:
            found = outcomes(database)
            if found.get("running") and found.get("succeeded"):
                return
            time.sleep(0.05)
    raise DrillFailed(f"The platform does not work: {found}")


def _back_up(platform: OwnPlatform, backup: Path) -> Manifest:
    took = platform.command("backup", str(backup), "--json")
    if took.returncode != 0:
        raise DrillFailed(f"networx backup ended with {took.returncode}: {took.stderr}")
    return read(backup)


def _restore(platform: OwnPlatform, backup: Path) -> None:
    done = platform.command("restore", str(backup), "--json")
    if done.returncode != 0:
        raise DrillFailed(f"networx restore ended with {done.returncode}: {done.stderr}")
    assert json.loads(done.stdout)["home"] == str(platform.root.resolve())


def _compare(platform: OwnPlatform, manifest: Manifest) -> list[str]:
    """What stands in the restored home, read anew by servers of its own, against the backup's instant."""
    home = Home(platform.root)
    cluster = postgres.prepare(home, os.environ, free_port())
    port = free_port()
    supervisor = Supervisor(home.logs, announce=lambda _line: None)
    try:
        with home.locked():
            supervisor.start(cluster.program(inherited(os.environ)))
            supervisor.start(aws.program(home, inherited(os.environ), port))
            found = record.sums_of(cluster)
            rows = [
                f"table {name}: {found.get(name)} instead of {manifest.tables.get(name)}"
                for name in sorted({*found, *manifest.tables})
                if found.get(name) != manifest.tables.get(name)
            ]
            return rows + store.differences(emulator(port).s3, manifest.versions)
    finally:
        supervisor.stop(["postgres", "aws"], 20)
        supervisor.close()


def _judge(drill: Drill, platform: OwnPlatform, manifest: Manifest, made: Made) -> None:
    """The jobs of the backup's instant must all end; what was accepted after it is counted as lost."""
    health = httpx.get(f"{platform.state()['url']}/api/health", timeout=60, trust_env=False)
    if health.status_code != httpx.codes.OK:
        drill.wrong.append(f"the restored platform says of itself: {health.text[:300]}")
    with platform.database() as database:
        released = _rows(
            database, "SELECT DISTINCT job_id::text FROM job_events WHERE reason = 'the platform was started anew'"
        )
        kept = _rows(database, "SELECT id::text FROM jobs WHERE created_at <= %s", manifest.instant)
        ended = wait_for_the_end(database, _ENDS_WITHIN_SECONDS)
        if not ended:
            drill.wrong.append(f"jobs did not end within {_ENDS_WITHIN_SECONDS:.0f} s: {outcomes(database)}")
        there = [job_id for job_id in made.job_ids if job_id in set(kept)]
        drill.wrong += violations(database, there)
        endings = outcomes(database, kept)
    if set(endings) - {"succeeded"}:
        drill.wrong.append(f"of the jobs of the backup's instant not all succeeded: {endings}")
    if not released:
        drill.wrong.append("no job ran at the backup's instant: the drill proves nothing of them")
    drill.facts |= {
        "backup": f"{manifest.rows:,} rows in {len(manifest.tables)} tables, {len(manifest.versions):,} versions of "
        f"objects, {manifest.object_bytes:,} bytes",
        "compared": "every table by the sum of its rows, every version by its SHA-256: "
        + ("equal" if not drill.wrong else f"{len(drill.wrong)} things are wrong"),
        "jobs of the backup's instant": f"{len(kept):,}, of which {len(released):,} ran and were begun again",
        "what became of them": ", ".join(f"{number:,} {status}" for status, number in sorted(endings.items())),
        "accepted later, and lost": f"{len(made.job_ids) - len(there):,} of {len(made.job_ids):,} jobs",
    }


def _rows(database: Any, query: str, *values: Any) -> list[str]:
    return [row[0] for row in database.execute(query, values).fetchall()]


def main(arguments: Sequence[str] | None = None) -> int:
    """The drill's exit code."""
    parser = argparse.ArgumentParser(prog="make restore-drill", description="Back up, destroy, restore, compare.")
    parser.add_argument("--seconds", type=float, default=10.0, help="load before the backup, and as long after it")
    parser.add_argument("--long-solves", type=int, default=6, help="solves of the example network")
    wanted = parser.parse_args(arguments)
    with ended_by_signals(), place_for("restore drill") as folder:
        try:
            drill = rehearse(folder, seconds=wanted.seconds, long_solves=wanted.long_solves)
        except DrillFailed as failure:
            print(f"The drill could not be finished. {failure}", file=sys.stderr)
            return 1
    print(lines_of(drill.facts))
    for wrong in drill.wrong:
        print(f"  WRONG: {wrong}")
    print("The drill was passed." if not drill.wrong else "The drill FAILED.")
    return 1 if drill.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
