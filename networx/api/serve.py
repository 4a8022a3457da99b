"""The web process: uvicorn on loopback or, in a container, on every address, with the clocks of the topology."""

from __future__ import annotations

import gc
import os
import resource

import uvicorn

from networx import settings
from networx.api.app import create_app
from networx.api.connections import Connection
from networx.observability import logs
from networx.topology import TOPOLOGY

# Each open stream is a file, and a system that says nothing else allows 1,024 of them.
_MOST_FILES = 65_536


def main() -> None:
    """Serve until told to stop; open event streams end with the graceful limit."""
    logs.configure("web", settings.current().log_level)
    allow_files()
    web = TOPOLOGY.web
    application = create_app()
    spare_lasting_objects()
    uvicorn.run(
        application,
        host=os.environ.get("NETWORX_WEB_HOST", "127.0.0.1"),
        port=int(os.environ["NETWORX_WEB_PORT"]),
        timeout_keep_alive=int(web.keep_alive.total_seconds()),
        timeout_graceful_shutdown=int(web.graceful_shutdown.total_seconds()),
        # Our own line per request has the ids; nobody in front may state another client's address.
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        http=Connection,
    )


def spare_lasting_objects() -> None:
    """What is there before the first request stays: the garbage collector need not look at it again and again.

    What a request makes is freed as it ends; the collector looks for rings after ten thousand new objects instead of
    seven hundred, which a few requests make.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def allow_files() -> None:
    """Raise this process's own limit on open files as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


if __name__ == "__main__":
    main()
