"""dramatiq over Valkey: `worker THREADS` (one process), `fill COUNT` or `trickle COUNT PAUSE`."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from bench.jobs.witness import Witness

sent, started = Witness(os.environ["BENCH_SENT"]), Witness(os.environ["BENCH_STARTED"])
dramatiq.set_broker(RedisBroker(url=os.environ["BENCH_VALKEY"]))


@dramatiq.actor
def nothing(number: int) -> None:
    started.mark(number)


def main(verb: str, *rest: str) -> None:
    if verb == "fill":
        for number in range(int(rest[0])):
            nothing.send(number)
    elif verb == "trickle":
        for number in range(int(rest[0])):
            sent.mark(number)
            nothing.send(number)
            time.sleep(float(rest[1]))
    else:
        from dramatiq.cli import main as serve
        from dramatiq.cli import make_argument_parser

        given = ["bench.jobs.peers.dramatiq_peer", "--processes", "1", "--threads", rest[0]]
        arguments: Namespace = make_argument_parser().parse_args(given)
        sys.exit(serve(arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
