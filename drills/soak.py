"""`make soak MINUTES=10`: steady load and continuous faults, watched for growth and for loss.

A platform of its own serves clients that upload, submit and read at a steady pace, while one fault after another is
made: workers, web, PostgreSQL and Valkey killed as the kernel kills, the AWS emulator (queues, store, secrets) frozen
for seconds. Memory, file handles, threads, connections, disk, outbox and waiting jobs are measured all the while. In
the end it is calm, and every job that was accepted must have ended once. Ends with 1 when something was lost or grew
beyond its rule.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from rich.console import Console

from cli.client import Client
from cli.load.driver import Driver, Load, Made
from cli.load.mix import Mix
from cli.loadtest import print_figures, summary
from cli.terminal import ended_by_signals, print_unbroken
from drills.accounts import Database, outcomes, violations, wait_for_the_end
from drills.growth import Rule, Trend, trend
from drills.platforms import DrillFailed, OwnPlatform, place_for
from drills.sampling import DISK_BYTES_PER_ACCEPTED, DISK_SLACK_MIB, RULES, Sampler

_MIX = "uploads=1,submits=2,reads=7"
_CLIENTS = 3
_PAUSE_SECONDS = 1.0
_SAMPLE_SECONDS = 2.0
_FAULT_EVERY_SECONDS = 15.0
_FROZEN_SECONDS = 3.0
_WARM_UP_SECONDS = 30.0
# An event that the validator could not take comes back after the three minutes that its queue hides it.
_CALM_WITHIN_SECONDS = 900.0
_KILLED = ("worker-optimization", "worker-file", "web", "postgres", "valkey")
_FROZEN = "aws"


@dataclass
class Soak:
    """What a soak has seen. `wrong` is empty when it was passed."""

    made: Made = field(default_factory=Made)
    faults: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    redriven: int = 0
    wrong: list[str] = field(default_factory=list)


class Faults:
    """One fault after another, in rounds: each of them once, in an order that the seed decides."""

    def __init__(self, platform: OwnPlatform, seed: int, counted: Counter[str]) -> None:
        self._platform = platform
        self._random = random.Random(seed)  # noqa: S311  # an order that can be had again
        self._counted = counted
        self._stopped = Event()

    def run(self) -> None:
        for name in self._rounds():
            if self._stopped.wait(_FAULT_EVERY_SECONDS):
                return
            with suppress(ProcessLookupError, DrillFailed, KeyError):
                # A process that is being started again at this moment is left alone.
                self._strike(name)

    def stop(self) -> None:
        self._stopped.set()

    def _rounds(self) -> Iterator[str]:
        while True:
            names = [*_KILLED, _FROZEN]
            self._random.shuffle(names)
            yield from names

    def _strike(self, name: str) -> None:
        pid = self._platform.state()["processes"][name]
        if name != _FROZEN:
            os.kill(pid, signal.SIGKILL)
            self._counted[f"{name} killed"] += 1
            return
        os.kill(pid, signal.SIGSTOP)
        try:
            self._stopped.wait(_FROZEN_SECONDS)
        finally:
            os.kill(pid, signal.SIGCONT)
        self._counted[f"{name} frozen for {_FROZEN_SECONDS:g} s"] += 1


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
    console.print(f"Faults: {', '.join(f'{name} {times} times' for name, times in sorted(done.faults.items()))}")
    _judge_growth(sampler, done, console)
    return done


def _under_load(platform: OwnPlatform, done: Soak, *, minutes: float, seed: int) -> Sampler:
    """Load, faults and measurements for so long."""
    driver = Driver(platform.state()["url"], platform.key)
    load = Load(Mix.read(_MIX), _CLIENTS, seconds=minutes * 60, pause=_PAUSE_SECONDS)
    scenario = driver.prepare()
    sampler = Sampler(platform, _SAMPLE_SECONDS)
    faults = Faults(platform, seed, done.faults)
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
    with platform.database() as database:
        _calm_down(database, made)
        died = [row[0] for row in database.execute("SELECT id::text FROM jobs WHERE status = 'dead'").fetchall()]
        for job_id in died:
            client.post(f"/api/jobs/{job_id}/redrive")
        _calm_down(database, made)
        done.redriven = len(died)
        done.wrong += violations(database, made.job_ids)
        done.endings.update(outcomes(database, made.job_ids))
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
    """Until every job has ended and every upload was heard of, or for as long as there is patience."""
    end = time.monotonic() + _CALM_WITHIN_SECONDS
    while time.monotonic() < end:
        calm = wait_for_the_end(database, max(0.0, end - time.monotonic()))
        # One that still loads has a job that has died.
        unheard = database.execute(
            "SELECT count(*) FROM uploads WHERE status IN ('received', 'validating') AND id = ANY(%s::uuid[])",
            (made.upload_ids,),
        ).fetchone()
        if calm and unheard == (0,):
            return
        time.sleep(1)


def _judge_growth(sampler: Sampler, done: Soak, console: Console) -> None:
    accepted = len(done.made.job_ids) + len(done.made.upload_ids)
    minutes = max(done.made.seconds / 60, 0.1)
    per_minute = accepted / minutes * DISK_BYTES_PER_ACCEPTED / 1024**2
    rules = {**RULES, "disk": Rule("MiB", per_minute=per_minute, slack=per_minute * minutes + DISK_SLACK_MIB)}
    title = f"{sampler.looks} looks; the slope is the median of all pairs after {_WARM_UP_SECONDS:g} s of warm-up"
    columns = ("Measure", "Of", "Lives", "First", "Last", "Most", "Slope a minute", "Allowed", "")
    rows: list[list[str]] = []
    for (measure, what), series in sorted(sampler.series.items()):
        rule = rules[measure]
        found = trend(series, rule, warm_up_seconds=_WARM_UP_SECONDS)
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
