"""A client of NetWORX: `python -m bench.jobs.our_client COUNT PAUSE` submits jobs one at a time, as the web does."""

from __future__ import annotations

import os
import sys
import time

from bench.jobs.witness import Witness
from networx.db import pool
from networx.jobs import relay, store


def main(jobs: int, pause: float) -> None:
    with pool.system() as connection:
        ((tenant_id,), *_) = connection.execute("SELECT id FROM tenants ORDER BY slug").fetchall()
    sent = Witness(os.environ["BENCH_SENT"])
    for number in range(jobs):
        sent.mark(number)
        with pool.tenant(tenant_id) as connection:
            store.submit(connection, tenant_id=tenant_id, kind="transport", params={"number": number})
        relay.send_soon()
        time.sleep(pause)
    pool.close_pools()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
