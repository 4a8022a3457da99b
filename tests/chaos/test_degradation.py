"""Every cell of docs/operations/degradation.md: a part is killed, everything is done meanwhile, and afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from docs.degradation import RETURNS, TABLE, Doing, Fate, Part
from local.home import LOOPBACK
from networx.api.routes import job_events
from networx.assistant import asking
from networx.db import pool, replica
from networx.errors import TransientError
from networx.jobs import relay
from networx.market import configuration
from networx.resilience import aws, http
from networx.resilience.breaker import CIRCUIT_OPEN
from networx.topology import TOPOLOGY
from tests.chaos.clocks import BY_THE_CLOCK
from tests.chaos.conftest import SEED, forget
from tests.chaos.episodes import Observations, Outage, company
from tests.chaos.office import Office
from tests.chaos.servers import POSTGRES, QUEUES, STANDBY, VALKEY, Servers
from tests.chaos.stage import Stage, clean
from tests.core.db.fronts import Cable, serving

# How a part is away: its port is closed, or it accepts connections and answers nothing.
GONE, SILENT = "gone", "silent"
Loss = tuple[Part, str]
LOSSES: list[Loss] = [(part, GONE) for part in Part] + ([(Part.CACHE, SILENT)] if BY_THE_CLOCK else [])
# The worker keeps its job through an outage, on a busy machine too.
PATIENT = {"NETWORX_SELF_FENCE_SECONDS": "20", "NETWORX_LEASE_SECONDS": "25"}
HOST_PAUSE = timedelta(seconds=2)
SECRET = "networx/of-the-offices"  # its name


@pytest.fixture(scope="module")
def observed(platform: Servers) -> Iterator[Callable[[Loss], Observations]]:
    """Takes a part away and gives what was seen meanwhile."""
    office, model, to_store = Office(), Office(), Cable(platform.ports.aws)
    outages: Mapping[Loss, Outage] = {
        (Part.DATABASE, GONE): partial(platform.killed, POSTGRES),
        (Part.CACHE, GONE): partial(platform.killed, VALKEY),
        (Part.CACHE, SILENT): partial(platform.frozen, VALKEY),
        (Part.QUEUE, GONE): partial(platform.killed, QUEUES),
        # The emulator keeps nothing when it is killed.
        (Part.STORE, GONE): to_store.away,
        (Part.REPLICA, GONE): partial(platform.killed, STANDBY),
        (Part.MARKET, GONE): office.closed,
        (Part.ASSISTANT, GONE): model.closed,
    }
    with (
        serving(to_store),
        platform.standby() as standby_port,
        _told(platform, _told_of(to_store, standby_port, office, model)),
    ):
        clean(platform)
        folder = Path(tempfile.mkdtemp(prefix="networx case "))
        stage = Stage(platform, SEED, folder)
        with company(stage, AWS_ENDPOINT_URL=_address(to_store), **PATIENT) as users:
            yield lambda loss: users.play(loss[0], outages[loss])
        stage.judge()
        stage.close()
        shutil.rmtree(folder, ignore_errors=True)
    office.close()
    model.close()


def _told_of(to_store: Cable, standby_port: int, office: Office, model: Office) -> dict[str, str]:
    """What a process is told of what stands beside the platform's own servers."""
    return {
        "AWS_ENDPOINT_URL": _address(to_store),
        "NETWORX_DATABASE_REPLICA": f"{LOOPBACK}:{standby_port}",
        "NETWORX_EIA_SECRET": SECRET,
        "NETWORX_EIA_URL": f"http://{LOOPBACK}:{office.port}",
        "NETWORX_ASSISTANT_URL": f"http://{LOOPBACK}:{model.port}/v1",
        "NETWORX_ASSISTANT_SECRET": SECRET,
        "NETWORX_ASSISTANT_MODEL": "a-model",
        "NETWORX_ASSISTANT_PRICES": '{"a-model": {"input": "1", "output": "1"}}',
        "NETWORX_OUTBOUND_PRIVATE_HOSTS": f"{LOOPBACK}:{office.port} {LOOPBACK}:{model.port}",
    }


@contextmanager
def _told(platform: Servers, told: Mapping[str, str]) -> Iterator[None]:
    """This process knows where everything is, and has short clocks."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**platform.environment, **told}.items():
            patch.setenv(name, value)
        _hurry(patch)
        forget()
        aws.client("secretsmanager").create_secret(Name=SECRET, SecretString='{"key": "a key"}')
        try:
            yield
        finally:
            platform.mend()
            aws.client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
            http.close_outbound()
            replica.close()
            pool.close_pools()
            configuration.market.cache_clear()
            asking.assistant.cache_clear()
    forget()


def _address(to_store: Cable) -> str:
    return f"http://{LOOPBACK}:{to_store.port}"


def _hurry(patch: pytest.MonkeyPatch) -> None:
    """Make the clocks short that are no settings, as those of the workers are."""
    patch.setattr(pool, "_TIMEOUT_SECONDS", 1.0)
    patch.setattr(replica, "_LEND_SECONDS", 0.5)
    patch.setattr(aws, "ATTEMPTS", 1)
    patch.setattr(job_events, "_LOOK_WHILE_LISTENING_SECONDS", 0.5)
    patch.setattr(relay, "LEASE", timedelta(seconds=0.3))
    patch.setattr(relay, "SWEEP", timedelta(seconds=0.2))
    others = [circuit for circuit in TOPOLOGY.circuits if circuit.name != "host"]
    host = replace(TOPOLOGY.circuit("host"), pause=HOST_PAUSE)
    patch.setattr(http, "TOPOLOGY", replace(TOPOLOGY, circuits=(*others, host)))


# One test a part, which is taken away once: were its cells tests, two processes would share them and do it twice.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("loss", LOSSES, ids=[f"{part.name.lower()}-{way}" for part, way in LOSSES])
def test_the_table_says_what_becomes_of_everything(observed, loss: Loss, record_property):
    part, _ = loss
    seen = observed(loss)
    assert set(seen) == set(Doing)
    wrong = {doing.name: (seen[doing].cell, TABLE[part][doing]) for doing in Doing if not fits(part, doing, seen)}
    assert not wrong, f"while {part} is away, and after"
    back = {doing.name: round(each.back_seconds, 2) for doing, each in seen.items() if each.back_seconds is not None}
    record_property("back_seconds", back)
    if BY_THE_CLOCK:
        assert max(back.values(), default=0.0) <= RETURNS[part].within.total_seconds(), back


def fits(part: Part, doing: Doing, seen: Observations) -> bool:
    """Whether what was seen is what the table declares. A circuit that has opened meanwhile has a word of its own."""
    declared, cell = TABLE[part][doing], seen[doing].cell
    return cell == declared or (declared.fate is Fate.REFUSED and cell == replace(declared, code=CIRCUIT_OPEN))


def test_every_code_of_the_table_is_that_of_an_error():
    codes = {cell.code for cells in TABLE.values() for cell in cells.values() if cell.fate is Fate.REFUSED}
    assert codes <= {kind.code for kind in TransientError.__subclasses__()}
