"""One platform on this machine, from nothing to ready and back: `with running() as platform`.

Servers start side by side; web and workers follow once the record and the queues are there. Everything stops in the
opposite order: services first, so that a worker can hand its job back, then the servers, all within ten seconds.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from threading import Lock

from local import aws, postgres, valkey
from local.environment import Ports, inherited, settings_of, web_address
from local.home import Home, free_port, home_from, web_port
from local.record import admit_developer, key_pepper, prepare_record, restart_jobs, role_passwords
from local.services import Service, all_services, program_of
from local.supervisor import Announce, Supervisor

_SERVERS = ("aws", "valkey", "postgres")
_SERVICES_STOP_SECONDS = 5.0
_SERVERS_STOP_SECONDS = 3.0


class Platform:
    """A platform whose home is held by this process."""

    def __init__(
        self, home: Home, environment: Mapping[str, str], services: Sequence[Service], announce: Announce
    ) -> None:
        self.home = home
        self.ports = Ports(web=web_port(environment), postgres=free_port(), valkey=free_port(), aws=free_port())
        self.url = web_address(self.ports)
        self.dev_key = home.dev_key()
        self.environment = {**inherited(environment), **settings_of(home, self.ports)}
        self._caller_environment = environment
        self._services = services
        self._started = datetime.now(UTC)
        self._publishing = Lock()
        self._up = False
        self.supervisor = Supervisor(home.logs, announce, self._publish)

    def start(self) -> None:
        """Bring everything up. Raises StartFailed or ConfigurationError, each with what to do."""
        self._together([self._start_record, self._start_valkey, self._start_emulator])
        programs = [program_of(service, self.environment, self.ports) for service in self._services]
        self._together([partial(self.supervisor.start, program) for program in programs])
        fallen = self.supervisor.fallen()
        if fallen is not None:
            raise fallen
        self._up = True
        self._publish()

    def stop(self) -> None:
        """Stop everything, in order, within ten seconds."""
        self._up = False
        self.supervisor.stop([service.name for service in self._services], _SERVICES_STOP_SECONDS)
        self.supervisor.stop(_SERVERS, _SERVERS_STOP_SECONDS)
        self.supervisor.close()

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """The process that runs as `postgres`, `valkey`, `aws`, `web` or `worker-...`."""
        return self.supervisor.process(name)

    def _start_record(self) -> None:
        passwords = role_passwords(self.home)
        cluster = postgres.prepare(self.home, self._caller_environment, self.ports.postgres)
        self.supervisor.start(cluster.program(inherited(self._caller_environment)))
        prepare_record(cluster, passwords)
        admit_developer(cluster, passwords, self.dev_key, key_pepper(self.home))
        restart_jobs(cluster, passwords)

    def _start_valkey(self) -> None:
        password = self.home.secret("valkey")
        self.supervisor.start(
            valkey.program(self.home, inherited(self._caller_environment), self.ports.valkey, password)
        )

    def _start_emulator(self) -> None:
        # Its libraries take a while to import: only here, while the servers come up.
        from local.resources import emulator, make_resources

        self.supervisor.start(aws.program(self.home, inherited(self._caller_environment), self.ports.aws))
        clients = emulator(self.ports.aws)
        passwords = role_passwords(self.home)
        make_resources(
            clients,
            self.ports,
            self.environment,
            passwords,
            redis_password=self.home.secret("valkey"),
            pepper=key_pepper(self.home),
        )

    def _together(self, beginnings: Sequence[Callable[[], None]]) -> None:
        with ThreadPoolExecutor(max_workers=max(1, len(beginnings))) as threads:
            try:
                for begun in [threads.submit(beginning) for beginning in beginnings]:
                    begun.result()
            except BaseException:
                self.supervisor.abandon()
                raise

    def _publish(self) -> None:
        with self._publishing:
            if not self._up:
                return
            self.home.write_state(
                {
                    "pid": os.getpid(),
                    "url": self.url,
                    "aws_endpoint": aws.endpoint(self.ports.aws),
                    "dev_key_file": str(self.home.dev_key_file),
                    "started_at": self._started.isoformat(timespec="seconds"),
                    "ports": asdict(self.ports),
                    "processes": self.supervisor.pids(),
                }
            )


@contextmanager
def running(
    home: Home | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    services: Sequence[Service] | None = None,
    announce: Announce = lambda _line: None,
) -> Iterator[Platform]:
    """A whole platform, up inside the block and gone after it.

    `environment` is the caller's (PG_BIN, NETWORX_PORT, NETWORX_..._SECONDS); `services` are web and workers unless
    fewer are asked for. Raises ConfigurationError (home held, port taken, no PostgreSQL) and StartFailed.
    """
    told = os.environ if environment is None else environment
    chosen = home_from(told) if home is None else home
    with chosen.locked():
        platform = Platform(chosen, told, all_services() if services is None else services, announce)
        try:
            platform.start()
            yield platform
        finally:
            platform.stop()
