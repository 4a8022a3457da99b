"""`make soak MINUTES=10`: steady load and continuous faults, watched for growth and for loss.

A platform of its own serves clients that upload, submit and read at a steady pace, while one fault after another is
made (drills/faults.py). Memory, file handles, threads, connections, disk, outbox and waiting jobs are measured all the
while. In the end it is calm, and every job that was accepted must have ended once. Ends with 1 when something was
lost, answered wrongly or grew beyond its rule.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from rich.console import Console

from cli.client import Client
from cli.load.driver import Driver, Load, Made
from cli.load.mix import Mix
from cli.loadtest import print_figures, summary
from cli.terminal import ended_by_signals, print_unbroken
from drills.accounts import Database, events, outcomes, unended, violations
from drills.answers import wrong_answers
from drills.faults import Faults
from drills.growth import SHORTEST_MINUTES, Rule, Trend, trend
from drills.platforms import DrillFailed, OwnPlatform, place_for
from drills.sampling import DISK_BYTES_PER_ACCEPTED, DISK_SLACK_MIB, RULES, Sampler

_MIX = "uploads=1,submits=2,reads=7"
_CLIENTS = 3
_PAUSE_SECONDS = 1.0
# A machine with much else to do solves less in a minute, and jobs would gather that no fault has kept waiting. So the
# clients rest longer while this many wait: what gathers even then is the platform's doing.
_MANY_WAITING = 20
_LONG_PAUSE_SECONDS = 6.0
_SAMPLE_SECONDS = 2.0
# What a burst of requests opened in a pool is given back after a minute without use.
_WARM_UP_SECONDS = 90.0
# A function gets its process, with three pipes, when it is first called, and that is when its clock first strikes: two
# minutes after the emulator's start for most. A restart of it every few minutes would else look like growth.
_LONGER_WARM_UP_SECONDS = {"aws": 150.0}
# So long nothing may move at the end: what an event's queue hides from a validator that failed is back after three
# minutes, a lost worker's job after two, and one that met outages again and again after five.
_PATIENCE_SECONDS = 600.0


@dataclass
class Soak:
    """What a soak has seen. `wrong` is empty when it was passed."""

    made: Made = field(default_factory=Made)
    faults: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    redriven: int = 0
    wrong: list[str] = field(default_factory=list)


def soak(folder: Path, *, minutes: float, seed: int, console: Console) -> Soak:
    """A whole soak within `folder`, its tables printed. Raises DrillFailed where it cannot go on."""
    done = Soak()
    platform = OwnPlatform(folder / "home")
    try:
        platform.start()
        sampler = _under_load(platform, done, minutes=minutes, seed=seed)
        console.print("The load has ended; waiting until every job has")
        _settle(platform, done)
    finally:
        platform.stop()
    print_figures(summary(done.made, done.made.seconds), done.made.seconds)
    _judge_answers(done)
    console.print(f"Faults: {_counted(done.faults)}")
    console.print(f"What happened to the jobs: {_counted(done.events)}")
    _judge_growth(sampler, done, console)
    return done


def _under_load(platform: OwnPlatform, done: Soak, *, minutes: float, seed: int) -> Sampler:
    """Load, faults and measurements for so long."""
    driver = Driver(platform.state()["url"], platform.key)
    scenario = driver.prepare()
    sampler = Sampler(platform, _SAMPLE_SECONDS)

    def pause() -> float:
        return _PAUSE_SECONDS if sampler.waiting_jobs() < _MANY_WAITING else _LONG_PAUSE_SECONDS

    load = Load(Mix.read(_MIX), _CLIENTS, seconds=minutes * 60, pause=pause)
    faults = Faults(platform, seed, done.faults)
    done.faults.update(dict.fromkeys(faults.names, 0))
    beside: list[tuple[Callable[[], None], Callable[[], None]]] = [
        (sampler.run, sampler.stop),
        (faults.run, faults.stop),
    ]
    threads = [Thread(target=run, name=run.__qualname__, daemon=True) for run, _ in beside]
    for thread in threads:
        thread.start()
    try:
        driver.make(load, scenario, done.made)
    finally:
        for _, stop in beside:
            stop()
        for thread in threads:
            thread.join(60)
    return sampler


def _settle(platform: OwnPlatform, done: Soak) -> None:
    """Wait until it is calm, and ask the record what became of what was accepted.

    What the faults alone have killed (both attempts of a job met one) is queued again, as an operator would, and then
    has to succeed like everything else.
    """
    made = done.made
    client = Client(platform.state()["url"], platform.key)
    platform.wait_until_well()
    with platform.database() as database:
        _calm_down(database, made)
        died = [row[0] for row in database.execute("SELECT id::text FROM jobs WHERE status = 'dead'").fetchall()]
        for job_id in died:
            client.post(f"/api/jobs/{job_id}/redrive")
        _calm_down(database, made)
        done.redriven = len(died)
        done.wrong += violations(database, made.job_ids)
        done.endings.update(outcomes(database, made.job_ids))
        done.events.update(events(database))
        uploads = dict(
            database.execute(
                "SELECT status, count(*) FROM uploads WHERE id = ANY(%s::uuid[]) GROUP BY status", (made.upload_ids,)
            ).fetchall()
        )
    for what, ids, found, right in (
        ("jobs", made.job_ids, dict(done.endings), "succeeded"),
        ("uploads", made.upload_ids, uploads, "loaded"),
    ):
        if found != ({right: len(ids)} if ids else {}):
            done.wrong.append(f"{len(ids)} {what} were accepted, and they are {found}")


def _calm_down(database: Database, made: Made) -> None:
    """Until every job has ended and every upload was heard of, as long as anything moves."""
    left: tuple[int, int] | None = None
    moved_at = time.monotonic()
    while left != (0, 0) and time.monotonic() - moved_at < _PATIENCE_SECONDS:
        before, left = left, (unended(database), _unheard(database, made))
        if left != before:
            moved_at = time.monotonic()
        time.sleep(0.5)


def _unheard(database: Database, made: Made) -> int:
    """Uploads that no validator has seen to the end. One that still loads has a job that has died."""
    row = database.execute(
        "SELECT count(*) FROM uploads WHERE status IN ('received', 'validating') AND id = ANY(%s::uuid[])",
        (made.upload_ids,),
    ).fetchone()
    assert row is not None
    return int(row[0])


def _judge_answers(done: Soak) -> None:
    for outcome, times in wrong_answers(done.made.samples).items():
        done.wrong.append(f"{times} requests were answered with {outcome}")
    unmade = [name for name, times in done.faults.items() if not times]
    # So long a soak makes them all: else it shows less than it says.
    if unmade and done.made.seconds >= SHORTEST_MINUTES * 60:
        done.wrong.append(f"these faults were not made: {', '.join(unmade)}")


def _counted(times: Counter[str]) -> str:
    return ", ".join(f"{name} {number} times" for name, number in sorted(times.items()))


def _judge_growth(sampler: Sampler, done: Soak, console: Console) -> None:
    accepted = len(done.made.job_ids) + len(done.made.upload_ids)
    minutes = max(done.made.seconds / 60, 0.1)
    per_minute = accepted / minutes * DISK_BYTES_PER_ACCEPTED / 1024**2
    rules = {**RULES, "disk": Rule("MiB", per_minute=per_minute, slack=per_minute * minutes + DISK_SLACK_MIB)}
    title = f"{sampler.looks} looks; the slope is the median of all pairs after the warm-up of each life"
    columns = ("Measure", "Of", "Lives", "First", "Last", "Most", "Slope a minute", "Allowed", "")
    rows: list[list[str]] = []
    for (measure, what), series in sorted(sampler.series.items()):
        rule = rules[measure]
        found = trend(series, rule, warm_up_seconds=_LONGER_WARM_UP_SECONDS.get(what, _WARM_UP_SECONDS))
        lives = len({measured.life for measured in series})
        name = f"{measure} {rule.unit}".rstrip()
        rows.append([name, what, str(lives), *_figures(found), f"{rule.per_minute:.1f}", _verdict(found)])
        if found.grows:
            done.wrong.append(f"{measure} of {what} grows by {found.slope:.1f} {rule.unit} a minute")
    console.print(title)
    print_unbroken(columns, rows, ("Most", "Lives"))


def _figures(found: Trend) -> tuple[str, ...]:
    slope = "" if found.slope is None else f"{found.slope:+.2f}"
    return f"{found.first:,.1f}", f"{found.last:,.1f}", f"{found.most:,.1f}", slope


def _verdict(found: Trend) -> str:
    if found.slope is None:
        return "too short to tell"
    return "GROWS" if found.grows else "steady"


def main(arguments: Sequence[str] | None = None) -> int:
    """The soak's exit code."""
    parser = argparse.ArgumentParser(prog="make soak", description="Steady load and continuous faults.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=None, help="for the same order of faults again")
    wanted = parser.parse_args(arguments)
    console = Console(highlight=False)
    if not Path("/proc/self/statm").exists():
        console.print("A soak measures processes by /proc, which this system does not have.")
        return 1
    seed = random.SystemRandom().randrange(10**6) if wanted.seed is None else wanted.seed
    console.print(f"A soak of {wanted.minutes:g} min with seed {seed}")
    with ended_by_signals(), place_for("soak") as folder:
        try:
            done = soak(folder, minutes=wanted.minutes, seed=seed, console=console)
        except DrillFailed as failure:
            console.print(f"The soak could not be finished. {failure}", markup=False)
            return 1
    for wrong in done.wrong:
        console.print(f"WRONG: {wrong}", markup=False)
    endings = ", ".join(f"{number:,} {status}" for status, number in sorted(done.endings.items()))
    console.print(f"{done.redriven} jobs had met faults in every attempt and were queued again")
    accepted = f"{len(done.made.job_ids):,} jobs ({endings}) and {len(done.made.upload_ids):,} uploads were accepted"
    verdict = "nothing was lost and nothing grew" if not done.wrong else "the soak FAILED"
    console.print(f"{accepted}: {verdict}.")
    return 1 if done.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
