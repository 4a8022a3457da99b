"""Celery over Valkey, prefork, late acknowledgement: `worker CONCURRENCY`, `fill COUNT` or `trickle COUNT PAUSE`."""

from __future__ import annotations

import os
import sys
import time

from celery import Celery

from bench.jobs.witness import Witness

sent, started = Witness(os.environ["BENCH_SENT"]), Witness(os.environ["BENCH_STARTED"])
app = Celery("peer", broker=os.environ["BENCH_VALKEY"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="nothing")
def nothing(number: int) -> None:
    started.mark(number)


def main(verb: str, *rest: str) -> None:
    if verb == "fill":
        with app.producer_pool.acquire(block=True) as producer:
            for number in range(int(rest[0])):
                nothing.apply_async((number,), producer=producer)
    elif verb == "trickle":
        for number in range(int(rest[0])):
            sent.mark(number)
            nothing.delay(number)
            time.sleep(float(rest[1]))
    else:
        quiet = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
        app.worker_main(["worker", "--pool", "prefork", "--concurrency", rest[0], *quiet])


if __name__ == "__main__":
    main(*sys.argv[1:])
