"""A downloaded sweep is checked again with the results of its runs: each planted lie is named."""

from __future__ import annotations

import contextlib
import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import typer

from cli.reading import read_workbook
from cli.solve_network import SolvedNetwork, certificate_of
from cli.terminal import CommandFailed
from cli.verify import verify
from cli.verifying.batch import recheck_batch
from networx.domain.network import NetworkTables
from networx.domain.parameters import transport_parameters
from networx.domain.plan import ResultStatus
from networx.domain.sweep import Sweep, exactly
from networx.models.transport import solve_transport
from networx.results.frontier import Member
from networx.results.kpis import transport_result
from networx.results.proof import inside, result_bytes, transport_proof
from networx.results.schema import result_schema
from networx.results.sweep_result import sweep_result
from tests.entrypoints.leaves import places_taken
from tests.entrypoints.verified import failed, workbook

Results = dict[str, dict[str, Any]]  # of the runs by their job, and of the sweep as `sweep`
Tamper = Callable[[Results], None]


def run_of(tables: NetworkTables, nodes: int) -> dict[str, Any]:
    parameters = transport_parameters(tables.parameters, exactly(nodes))
    outcome = solve_transport(tables, parameters)
    solved = SolvedNetwork(outcome, certificate_of(tables, parameters, outcome), stopped=False)
    identity = {"job_id": f"job-{nodes}", "dataset_sha256": tables.sha256()}
    proof = inside(transport_proof(outcome))
    return transport_result(tables, parameters, outcome, solved.certificate, identity=identity, proof=proof)


def member_of(nodes: int, result: dict[str, Any]) -> Member:
    """As the record has it."""
    return Member(
        job_id=result["job_id"],
        nodes=nodes,
        job_status="succeeded",
        ended=True,
        status=ResultStatus(result["status"]),
        certified=True,
        **{name: result[name] for name in ("objective", "bound", "gap", "kpis", "partial")},
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook(tmp_path_factory.mktemp("data") / "network.xlsx")


@pytest.fixture(scope="module")
def made(data: Path) -> Results:
    """One site is too few, two and three have plans, and a fourth run failed."""
    tables = read_workbook(data)[0]
    runs = {nodes: run_of(tables, nodes) for nodes in (1, 2, 3)}
    members = [member_of(nodes, result) for nodes, result in runs.items()]
    sweep = sweep_result(Sweep(1, 4), [*members, Member("job-4", 4, "failed", ended=True)])
    results: Results = {f"job-{nodes}": result for nodes, result in runs.items()} | {"sweep": sweep}
    return results


@pytest.fixture
def right(made: Results) -> Results:
    return copy.deepcopy(made)


@pytest.fixture
def told(data: Path, tmp_path: Path) -> Callable[..., tuple[int, dict[str, Any]]]:
    """The exit code and what `networx verify --json` says of a sweep and its runs."""

    def say(results: Results, **options: Any) -> tuple[int, dict[str, Any]]:
        for name, result in results.items():
            folder = tmp_path if name == "sweep" else tmp_path / name
            folder.mkdir(exist_ok=True)
            (folder / "result.json").write_bytes(result_bytes(result))
        code, printed = 0, io.StringIO()
        usual = {"dataset": data, "proof": None, "exact": False, "as_json": True}
        with contextlib.redirect_stdout(printed):
            try:
                verify(tmp_path / "result.json", **{**usual, **options})
            except typer.Exit as ended:
                code = ended.exit_code
        return code, json.loads(printed.getvalue()) if usual | options == usual else {}

    return say


def test_a_right_sweep_holds_with_each_of_its_runs(right, told):
    jsonschema_rs.validate(result_schema(), right["sweep"])

    code, said = told(right)

    assert failed(said) == set(), said["checks"]
    assert (code, said["differs"]) == (0, [])
    names = {line["name"] for line in said["checks"]}
    assert {"2 open: demand is met", "3 open: figures: kpis", "1 open: asks for so many", "figures: frontier"} <= names
    assert said["believed"] == ["4 open: that it failed and left no result", "which numbers were to be run"]
    assert told(right, as_json=False)[0] == 0


def _cheaper(results: Results) -> None:
    results["sweep"]["frontier"][2]["cost"] -= 1


def _cheaper_run(results: Results) -> None:
    results["job-3"]["objective"] -= 1


def _other_best(results: Results) -> None:
    results["sweep"]["best"]["nodes"] = 3


def _proven(results: Results) -> None:
    results["sweep"]["proven"] = not results["sweep"]["proven"]


def _swapped(results: Results) -> None:
    """The run of another number under this one's name."""
    results["job-3"] = copy.deepcopy(results["job-2"]) | {"job_id": "job-3"}


def _of_another_job(results: Results) -> None:
    results["job-2"]["job_id"] = "job-9"


def _other_scenario(results: Results) -> None:
    results["job-3"]["parameters"]["gap"]["value"] = 0.5


def _hidden_failure(results: Results) -> None:
    results["sweep"]["batch_summary"]["failed_scenarios"] = 0


def _hidden_plan(results: Results) -> None:
    """A number that has a plan, told as one that has none."""
    row = results["sweep"]["frontier"][1]
    row["status"], row["cost"], row["bound"], row["gap"] = "infeasible", None, None, None


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (_cheaper, "figures: frontier"),
        (_cheaper_run, "3 open: cost"),
        (_other_best, "figures: best"),
        (_proven, "figures: proven"),
        (_swapped, "3 open: asks for so many"),
        (_of_another_job, "2 open: is the run that is named"),
        (_other_scenario, "3 open: is of the same scenario"),
        (_hidden_failure, "figures: batch_summary"),
        (_hidden_plan, "figures: frontier"),
    ],
)
def test_each_planted_lie_is_named(right, told, tamper: Tamper, named: str):
    tamper(right)

    code, said = told(right)

    assert code == 1
    assert any(name.startswith(named) for name in failed(said)), failed(said)


def test_a_run_that_was_not_downloaded_is_asked_for(right, told, tmp_path):
    del right["job-2"]
    with pytest.raises(CommandFailed, match="The run with 2 facilities open has a result of its own: download"):
        told(right)


def test_runs_of_the_terminal_are_looked_for_by_their_number(right, told):
    for row in right["sweep"]["frontier"]:
        row["job_id"] = None
    with pytest.raises(
        CommandFailed, match=r"it is not at .*/1/result.json. `networx solve --nodes` writes .* --output"
    ):
        told(right)


def test_the_runs_may_lie_elsewhere_and_the_option_belongs_to_sweeps(right, told, tmp_path, data):
    told(right)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "sweep.json").write_bytes((tmp_path / "result.json").read_bytes())
    verify(elsewhere / "sweep.json", data, proof=None, exact=False, as_json=True, members=tmp_path)
    with pytest.raises(CommandFailed, match="--members belongs to results of type batch"):
        verify(tmp_path / "job-2" / "result.json", data, proof=None, exact=False, as_json=True, members=tmp_path)


def test_no_figure_is_changed_unnoticed(right, told, data, tmp_path):
    told(right)

    assert places_taken(right["sweep"], recheck_batch, tmp_path / "result.json", data, None) == set()
