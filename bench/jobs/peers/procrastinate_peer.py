"""procrastinate on PostgreSQL: `worker CONCURRENCY`, `fill COUNT`, `trickle COUNT PAUSE` or `schema`."""

from __future__ import annotations

import asyncio
import os
import sys

import procrastinate

from bench.jobs.witness import Witness

sent, started = Witness(os.environ["BENCH_SENT"]), Witness(os.environ["BENCH_STARTED"])
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ["BENCH_POSTGRES"]))


@app.task(name="nothing")
async def nothing(number: int) -> None:
    started.mark(number)


async def main(verb: str, *rest: str) -> None:
    async with app.open_async():
        if verb == "schema":
            await app.schema_manager.apply_schema_async()
        elif verb == "fill":
            for first in range(0, int(rest[0]), 1000):
                jobs = [{"number": number} for number in range(first, min(first + 1000, int(rest[0])))]
                await nothing.batch_defer_async(*jobs)
        elif verb == "trickle":
            for number in range(int(rest[0])):
                sent.mark(number)
                await nothing.defer_async(number=number)
                await asyncio.sleep(float(rest[1]))
        else:
            await app.run_worker_async(concurrency=int(rest[0]), install_signal_handlers=True)


if __name__ == "__main__":
    from bench.jobs.peers import procrastinate_peer  # the tasks belong to a module that has a name

    asyncio.run(procrastinate_peer.main(*sys.argv[1:]))
