"""The container images: what their recipes promise, and, after `make images`, that they run as they will in the cloud.

An image is started from its own configuration (command, environment, user, working directory, health check) on a
read-only root where only its volume may be written, in a mount namespace of its own and with no container engine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.home import CHECKOUT, free_port
from networx.db import pool
from networx.ingest import records
from networx.jobs import relay, store
from networx.jobs.job import JobStatus
from networx.scenarios import store as scenarios
from networx.settings import current
from networx.topology import TOPOLOGY
from networx.work.receive_upload import Arrival, receive

RECIPES = sorted((CHECKOUT / "containers").glob("*/Dockerfile"))
USER = 10001
BUILDING_TOOLS = ("pip", "pip3", "gcc", "cc", "ld", "make", "git", "curl")

APART = ("unshare", "--mount", "--propagation", "private")
# The root as the container service gives it: read-only, with the volume, /proc and /dev in their places.
IN_A_NAMESPACE = """
set -e
root=$1 scratch=$2 user=$3 folder=$4
shift 4
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --bind "$scratch" "$root/scratch"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot --userspec="$user" --groups= "$root" env -i -C "$folder" "$@"
"""


# --- the recipes ---


def instructions(recipe: Path) -> list[tuple[str, str]]:
    """(instruction, rest), continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", recipe.read_text(), flags=re.MULTILINE))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in text.splitlines() if line]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.parent.name)
def test_a_recipe_keeps_to_the_house_rules(recipe):
    found = instructions(recipe)
    said = dict(found)
    assert found[0] == ("ARG", "BASE=python:3.13-slim-bookworm")
    assert {rest.split(" ")[0] for name, rest in found if name == "FROM"} == {"${BASE}"}
    installs = [rest for name, rest in found if name == "RUN" and "pip install" in rest]
    assert installs
    assert all("--require-hashes" in rest and "--only-binary :all:" in rest for rest in installs)
    assert said["USER"] == f"{USER}:{USER}"
    for name in ("CMD", "HEALTHCHECK"):
        # As a list: a shell in between would keep the stop signal to itself.
        assert isinstance(json.loads(said[name][said[name].index("[") :]), list)
    assert not [rest for name, rest in found if name in {"ADD", "ENTRYPOINT"}]


def test_hadolint_finds_nothing():
    program = CHECKOUT / ".venv" / "bin" / "hadolint"
    done = subprocess.run([program, *RECIPES], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


# Imports the modules given, in a Python that has none of the packages but those of one slice.
WITH_THE_SLICE_ALONE = """
import sys
from importlib import import_module
from importlib.metadata import packages_distributions
packages, modules = (words.split(",") for words in sys.argv[1:])
distributions = packages_distributions()
class OthersAreMissing:
    def find_spec(self, name, path=None, target=None):
        wanted = distributions.get(name)
        if wanted and not {word.lower().replace("_", "-").replace(".", "-") for word in wanted} & set(packages):
            raise ModuleNotFoundError(f"{name} is not in the slice")
sys.meta_path.insert(0, OthersAreMissing())
for module in modules:
    import_module(module)
"""
FUNCTIONS = [function.handler.rpartition(".")[0] for function in TOPOLOGY.functions]


@pytest.mark.parametrize(
    ("slice_name", "modules"),
    [("web", ["networx.api.serve", "networx.db.deploy"]), ("worker", ["networx.work.serve"]), ("lambda", FUNCTIONS)],
)
def test_a_slice_has_every_package_that_its_entry_points_import(slice_name, modules):
    pins = re.findall(r"^([a-z0-9._-]+)==", (CHECKOUT / "requirements" / f"{slice_name}.txt").read_text(), re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-c", WITH_THE_SLICE_ALONE, ",".join(pins), ",".join(modules)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


# --- the images ---


def reason_not_to() -> str | None:
    if os.environ.get("NETWORX_IMAGES") != "1":
        return "`make images` builds and tries the images"
    if os.geteuid() != 0:
        return "mounting an image needs root"
    if shutil.which("buildah") is None:
        return "buildah is not installed"
    return None


def buildah(*arguments: str) -> str:
    return subprocess.run(
        ["buildah", "--storage-driver", "overlay", *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


class Image:
    """An image, mounted. `configuration` is what the image says of itself."""

    def __init__(self, root: Path, configuration: Mapping[str, Any]) -> None:
        self.root = root
        self.configuration = configuration

    def start(
        self,
        scratch: Path,
        command: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        **options: Any,
    ) -> subprocess.Popen[str]:
        """A process in it: the image's own command, or another; its environment, and more."""
        user, folder = self.configuration["User"], self.configuration["WorkingDir"]
        variables = [*self.configuration["Env"], *(f"{name}={value}" for name, value in (environment or {}).items())]
        inner = [*variables, *(command or self.configuration["Cmd"])]
        return subprocess.Popen(
            [*APART, "sh", "-c", IN_A_NAMESPACE, "image", str(self.root), str(scratch), user, folder, *inner],
            text=True,
            **options,
        )

    def run(
        self, scratch: Path, *command: str, environment: Mapping[str, str] | None = None, seconds: float = 60
    ) -> tuple[int, str]:
        """Exit code and output of a command in it."""
        process = self.start(scratch, command, environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output

    def healthy(self, scratch: Path, environment: Mapping[str, str]) -> bool:
        kind, *command = self.configuration["Healthcheck"]["Test"]
        assert kind == "CMD"
        return self.run(scratch, *command, environment=environment)[0] == 0

    @contextmanager
    def serving(
        self, scratch: Path, command: Sequence[str], environment: Mapping[str, str]
    ) -> Iterator[subprocess.Popen[str]]:
        """The service, until it has ended by SIGTERM, within the time it is given."""
        log = scratch / "log"
        with log.open("w") as file:
            process = self.start(scratch, command, environment, stdout=file, stderr=subprocess.STDOUT)
        try:
            yield process
            assert process.poll() is None, log.read_text()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) in {0, -signal.SIGTERM}, log.read_text()
        except BaseException:
            print(log.read_text())
            raise
        finally:
            process.kill()
            process.wait()


@contextmanager
def mounted(name: str) -> Iterator[Image]:
    tag = f"localhost/networx-{name}"
    configuration = json.loads(buildah("inspect", "--type", "image", tag))["Docker"]["config"]
    container = buildah("from", "--pull-never", tag)
    try:
        yield Image(Path(buildah("mount", container)), configuration)
    finally:
        buildah("rm", container)


@pytest.fixture(scope="module", params=["web", "worker"])
def image(request) -> Iterator[Image]:
    yield from opened(request.param)


@pytest.fixture(scope="module")
def web() -> Iterator[Image]:
    yield from opened("web")


@pytest.fixture(scope="module")
def worker() -> Iterator[Image]:
    yield from opened("worker")


def opened(name: str) -> Iterator[Image]:
    reason = reason_not_to()
    if reason is not None:
        pytest.skip(reason)
    with mounted(name) as image:
        yield image


@pytest.fixture
def scratch() -> Iterator[Path]:
    """The volume, owned by the image's user."""
    path = Path(tempfile.mkdtemp(prefix="networx-scratch-"))
    os.chown(path, USER, USER)
    yield path
    shutil.rmtree(path)


def awaited(what: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def user_of(process: subprocess.Popen[str]) -> set[int]:
    """Every user id of a process: real, effective, saved and of the file system."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return {int(word) for word in re.search(r"^Uid:(.*)$", status, re.MULTILINE)[1].split()}


def told(machine, **changes: str) -> dict[str, str]:
    """What a platform's processes are told, but for the places inside the image."""
    own = {"NETWORX_SCRATCH", "NETWORX_HOME", "NETWORX_DEV_KEY_FILE", "NETWORX_WEB_PORT"}
    return {name: value for name, value in machine.environment.items() if name not in own} | changes


def test_only_the_volume_can_be_written(image, scratch):
    for place in ("/srv/networx", "/opt/networx", "/tmp", "/etc", "/"):
        code, said = image.run(scratch, "touch", f"{place}/written")
        assert (code, "Read-only file system" in said) == (1, True), said
    assert image.run(scratch, "python", "-c", "import tempfile; tempfile.TemporaryFile()") == (0, "")


def test_nothing_that_builds_is_left_and_nothing_of_the_machine_that_built(image, scratch):
    code, said = image.run(scratch, "sh", "-c", f"command -v {' '.join(BUILDING_TOOLS)}")
    assert (code, said) == (127, "")
    assert image.run(scratch, "python", "-m", "pip", "--version")[0] == 1
    assert sorted(path.name for path in (image.root / "srv").iterdir()) == ["networx"]
    assert not (image.root / "build").exists()
    assert not list(image.root.glob("etc/pip.conf"))


def test_the_volume_belongs_to_the_user(image):
    place = image.root / "scratch"
    assert image.configuration["Volumes"] == {"/scratch": {}}
    assert (place.stat().st_uid, place.stat().st_mode & 0o777) == (USER, 0o700)


def test_the_web_image_answers_its_live_endpoint_though_nothing_else_is_there(web, machine, scratch):
    port = free_port()
    nowhere = "http://127.0.0.1:1"
    environment = told(machine, NETWORX_WEB_HOST="127.0.0.1", NETWORX_WEB_PORT=str(port), AWS_ENDPOINT_URL=nowhere)
    assert not web.healthy(scratch, environment)
    with web.serving(scratch, (), environment) as process:

        def answer() -> dict[str, Any] | None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health/live", timeout=5) as said:
                    return json.loads(said.read())
            except urllib.error.URLError:
                return None

        assert awaited(answer)["success"] is True
        assert web.healthy(scratch, environment)
        assert user_of(process) == {USER}


def test_the_worker_image_lives_though_nothing_else_is_there(worker, machine, scratch):
    environment = told(machine, AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert not worker.healthy(scratch, environment)
    with worker.serving(scratch, (), environment) as process:
        awaited(lambda: worker.healthy(scratch, environment))
        assert user_of(process) == {USER}


def test_the_web_image_brings_the_record_to_this_version(web, record, machine, aws, scratch):
    master = {"username": "networx_master", "password": machine.home.secret("postgres")}
    aws.secrets.create_secret(Name="networx/master", SecretString=json.dumps(master))
    environment = told(machine, NETWORX_DATABASE_MASTER_SECRET="networx/master")
    code, said = web.run(scratch, "python", "-m", "networx.db.deploy", environment=environment)
    assert (code, json.loads(said.splitlines()[-1])["message"]) == (0, "deploy.done")


def test_the_worker_image_loads_a_workbook_and_solves_it(worker, record, machine, aws, scratch):
    *command, _ = worker.configuration["Cmd"]
    receive(arrival(aws, record))
    with worker.serving(scratch, [*command, "file"], told(machine)):
        dataset_id = awaited(lambda: loaded(record))
    job = submitted(record, dataset_id)
    with worker.serving(scratch, [*command, "optimization"], told(machine)):
        result = awaited(lambda: solved(record, job.id), seconds=120)
    assert result["status"] == "optimal"
    assert result["certificate"]["valid"]


# What a solving process does in a long search, within the memory that it has.
COMPILING = """
import resource
from networx.solver.location.compiling import wait_for_kernels, without_kernels
from networx.topology import TOPOLOGY
resource.setrlimit(resource.RLIMIT_AS, (TOPOLOGY.kind("transport").child_memory_mib * 1024**2,) * 2)
print(wait_for_kernels(), without_kernels())
"""


def test_a_solving_process_of_the_worker_image_compiles_its_kernels_into_the_volume(worker, scratch):
    code, said = worker.run(scratch, "python", "-c", COMPILING, seconds=600)
    assert (code, said) == (0, "True None\n")
    (complete,) = scratch.glob("**/kernels-*/complete")
    assert complete.stat().st_uid == USER


def arrival(aws, record) -> Arrival:
    bucket = current().buckets[TOPOLOGY.buckets[0].name]
    content = (CHECKOUT / "examples" / "us_network.xlsx").read_bytes()
    key = f"uploads/{record.slug}/us_network.xlsx"
    version = aws.s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
    return Arrival(bucket, key, version, len(content))


def loaded(record) -> Any:
    with pool.tenant(record.tenant_id) as connection:
        (upload,) = records.list_uploads(connection)
    assert upload.status != "rejected", upload
    return upload.dataset_id if upload.status == "loaded" else None


def submitted(record, dataset_id) -> Any:
    with pool.tenant(record.tenant_id) as connection:
        project = scenarios.create_project(connection, record.tenant_id, "In an image")
        scenario = scenarios.create_scenario(
            connection,
            record.tenant_id,
            project_id=project.id,
            name="As it stands",
            type="transport",
            network_dataset_id=dataset_id,
            parameters={},
        )
        job = store.submit(
            connection,
            tenant_id=record.tenant_id,
            kind=scenario.type,
            params={},
            scenario_id=scenario.id,
            scenario_version=scenario.version,
        )
    relay.send_soon()
    return job


def solved(record, job_id) -> dict[str, Any] | None:
    with pool.tenant(record.tenant_id) as connection:
        job = store.get_job(connection, job_id)
        if job.status is JobStatus.SUCCEEDED:
            return store.get_result(connection, job_id)
    assert job.status in {JobStatus.QUEUED, JobStatus.RUNNING}, job
    return None
