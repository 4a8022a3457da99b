"""A downloaded capacity analysis is checked again against its data."""

from __future__ import annotations

from cli.reading import read_workbook
from cli.terminal import Exit
from cli.verifying.capacity import recheck_capacity
from networx.domain.parameters import capacity_parameters
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.results.capacity import capacity_result
from networx.results.proof import capacity_proof, inside
from networx.verify.capacity import certify_capacity
from tests.entrypoints.leaves import nowhere, places_taken
from tests.entrypoints.verified import failed, told, workbook


def test_a_capacity_result_holds_and_a_changed_one_does_not(tmp_path, capsys):
    data = workbook(tmp_path / "network.xlsx", parameters=[["single_sourcing", "no"], ["sites", "mandatory"]])
    tables = read_workbook(data)[0]
    parameters, own = capacity_parameters(tables.parameters)
    sites = chosen_sites(tables, parameters, None)
    outcome = analyse_capacity(tables, parameters, own, sites)
    certificate = certify_capacity(tables, parameters, sites, outcome, tables.sha256())
    result = capacity_result(
        tables,
        parameters,
        outcome,
        certificate,
        asked="mandatory",
        identity={"dataset_sha256": tables.sha256()},
        proof=inside(capacity_proof(outcome)),
    )
    assert result["relief"] is not None

    code, said = told(result, data, tmp_path, capsys)
    assert (code, failed(said)) == (0, set())
    assert [line for line in said["believed"] if "the solver's own word" in line]

    assert places_taken(result, recheck_capacity, nowhere(), data, None) == set()
    verdict, opened = result["verdict"], result["relief"]["changes"][0]["facility"]
    assert opened in verdict
    result["verdict"] = verdict.replace(opened, next(site for site in result["sites"] if site != opened))
    assert failed(told(result, data, tmp_path, capsys)[1]) == {"figures: verdict"}
    result["verdict"] = verdict

    result["proof"]["outcome"]["base"][1]["short"] *= 1 + 1e-4
    assert told(result, data, tmp_path, capsys)[0] == Exit.FAILED
