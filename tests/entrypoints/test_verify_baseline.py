"""A downloaded baseline is checked again against its shipments and its network: each planted lie is named."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import typer

from cli.solve_paid import solve_paid
from cli.terminal import CommandFailed
from cli.verify import verify
from cli.verifying.baseline import recheck_baseline
from networx.errors import RefusedInput
from networx.results.paid_wording import NOTES
from networx.results.proof import result_bytes
from networx.results.schema import result_schema
from tests.entrypoints.leaves import nowhere, places_taken
from tests.entrypoints.verified import workbook

Tamper = Callable[[dict[str, Any]], None]
HEADER = ["order_id", "ship_date", "origin_zip", "dest_zip", "mode", "direction", "net_charge", "weight_lb", "units"]
PARAMETERS: list[list[Any]] = [["single_sourcing", "no"], ["lease_years", 2], ["baseline_flows", "cheapest"]]


@pytest.fixture
def shipments(tmp_path: Path) -> Path:
    path = tmp_path / "shipments.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for month in range(1, 13):
            rows.writerow(["A", f"2026-{month:02d}-03", "60601", "10001", "tl", "outbound", "9000000.01", "1.5", "2"])
            rows.writerow(["B", f"2026-{month:02d}-04", "60601", "02139", "ltl", "outbound", "0.10", "", "3"])
    return path


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return workbook(
        tmp_path / "network.xlsx",
        parameters=PARAMETERS,
        Facilities=[
            ["name", "zip", "capacity_units", "fixed_cost_per_year", "status", "existing"],
            ["North", "60601", 100, 100.1, "mandatory", "yes"],
            ["South", "98101", 60, 50, "candidate", "no"],
            ["Hut", "33128", 30, 90, "candidate", "no"],
        ],
        OperatingCosts=[["year", "facility", "line", "amount"], [2026, "North", "fixed: rent", 99.9]],
        ControlTotals=[["year", "line", "amount"], [2026, "total", 100_000_000]],
    )


@pytest.fixture
def alone(shipments: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    solve_paid(shipments, None, as_json=True)
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


@pytest.fixture
def beside(shipments: Path, network: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    solve_paid(shipments, network, as_json=True)
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert result["modelled"]["years"] is not None, result["modelled"]["why"]
    return result


@pytest.fixture
def told(
    shipments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, dict[str, Any]]]:
    """The exit code and what `networx verify --json` says of a result."""

    def ask(result: dict[str, Any], **options: Any) -> tuple[int, dict[str, Any]]:
        file = tmp_path / "result.json"
        file.write_bytes(result_bytes(result))
        usual = {"dataset": shipments, "proof": None, "exact": False, "as_json": True, "network": None}
        code = 0
        try:
            verify(file, **{**usual, **options})
        except typer.Exit as ended:
            code = ended.exit_code
        return code, json.loads(capsys.readouterr().out)

    return ask


def failed(said: dict[str, Any]) -> dict[str, str]:
    return {line["name"]: line["where"] for line in said["checks"] if not line["passed"]}


def test_shipments_alone_hold(alone, told):
    code, said = told(alone)

    assert (code, failed(said), said["believed"]) == (0, {}, [])
    assert said["recomputed"] == ["every sum of 24 shipments, row by row, in whole cents"]


def test_shipments_beside_a_network_hold_with_todays_plan(beside, told, network):
    jsonschema_rs.validate(result_schema(), beside)

    code, said = told(beside, network=network)

    assert (code, failed(said), said["differs"]) == (0, {}, [])
    assert {line["name"] for line in said["checks"]} >= {"today's network: cost", "operating costs", "figures: lines"}
    assert said["recomputed"][-1] == "today's network: every requirement on its plan, and its cost, from the workbook"


def _cent(result: dict[str, Any]) -> None:
    """A cent of a hundred million dollars, everywhere that it shows: less than any relative limit sees."""
    for row in (result["kpis"], result["years"][0]):
        row["paid_cost"] += 0.01


def _objective(result: dict[str, Any]) -> None:
    result["objective"] += 0.01


def _shipment(result: dict[str, Any]) -> None:
    result["paid"]["by_mode"][0]["shipments"] -= 1


def _place(result: dict[str, Any]) -> None:
    result["paid"]["lanes"][0]["destination"] = "941"


def _month(result: dict[str, Any]) -> None:
    result["paid"]["by_month"][3]["month"] = "2027-04"


def _month_left_out(result: dict[str, Any]) -> None:
    del result["paid"]["by_month"][3]


def _month_twice(result: dict[str, Any]) -> None:
    result["paid"]["by_month"].append(copy.deepcopy(result["paid"]["by_month"][0]))


def _between_months(result: dict[str, Any]) -> None:
    months = result["paid"]["by_month"]
    months[0]["paid_cost"], months[1]["paid_cost"] = months[0]["paid_cost"] - 5, months[1]["paid_cost"] + 5


def _lane_left_out(result: dict[str, Any]) -> None:
    del result["paid"]["lanes"][1]


def _lane_not_listed(result: dict[str, Any]) -> None:
    """Left out and added to the rest in full: what is listed are the dearest 1,000 lanes, and there are two."""
    lane = result["paid"]["lanes"].pop()
    result["paid"]["lanes_not_listed"] = {
        "lanes": 1,
        "shipments": lane["shipments"],
        "paid_cost": lane["paid_cost"],
    }


def _weight(result: dict[str, Any]) -> None:
    result["paid"]["by_origin"][0]["weight_lb"] *= 1 + 1e-6


def _weighed(result: dict[str, Any]) -> None:
    result["paid"]["by_direction"][0]["shipments_weighed"] += 1


def _a_unit(result: dict[str, Any]) -> None:
    result["kpis"]["cost_per_unit"] *= 1.001


def _day(result: dict[str, Any]) -> None:
    result["paid"]["first_day"] = "2026-01-02"


def _account(result: dict[str, Any]) -> None:
    result["account"][0]["read"]["rows"] += 1


def _headline(result: dict[str, Any]) -> None:
    result["headline"] = result["headline"].replace("24", "25")


def _calibrated(result: dict[str, Any]) -> None:
    result["calibration"] = "calibrated"


@pytest.mark.parametrize(
    ("tamper", "name", "where"),
    [
        (_cent, "shipments and cents the whole", "paid_cost of all is stated as 108000001.33"),
        (_cent, "shipments and cents by year", "paid_cost of 2026"),
        (_objective, "what was paid in all", "objective"),
        (_shipment, "shipments and cents by mode", "shipments of ltl is stated as 11, the rows come to 12"),
        (_place, "shipments and cents by lane", "zip3 606 zip3 941 is not among the shipments"),
        (_month, "shipments and cents by month", "2026-04 is missing"),
        (_month_left_out, "shipments and cents by month", "2026-04 is missing"),
        (_month_twice, "shipments and cents by month", "listed twice"),
        (_between_months, "shipments and cents by month", "paid_cost of 2026-02"),
        (_lane_left_out, "shipments and cents by lane", "lanes not listed: shipments"),
        (_lane_not_listed, "figures: paid", "lanes"),
        (_weight, "weights and units by origin", "weight_lb of zip3 606"),
        (_weighed, "shipments and cents by direction", "shipments_weighed of outbound"),
        (_a_unit, "figures: kpis", "cost_per_unit"),
        (_day, "figures: paid", "first_day"),
        (_account, "account of the file", "another"),
        (_headline, "figures: headline", "25"),
        (_calibrated, "figures: calibration", "calibrated"),
    ],
)
def test_each_planted_lie_is_named(alone, told, tamper: Tamper, name: str, where: str):
    tamper(alone)

    code, said = told(alone)

    assert code == 1
    assert where in failed(said)[name]


def _rent(result: dict[str, Any]) -> None:
    result["operating_costs"][0]["amount"] += 1


def _line(result: dict[str, Any]) -> None:
    line = next(line for line in result["lines"] if line["line"] == "transport")
    line["paid"] += 0.01


def _books(result: dict[str, Any]) -> None:
    line = next(line for line in result["lines"] if line["line"] == "total")
    line["control"] -= 1


def _cheaper_today(result: dict[str, Any]) -> None:
    result["proof"]["baseline"]["objective"] -= 1


def _other_sites(result: dict[str, Any]) -> None:
    result["proof"]["baseline"]["plan"]["opened"][0][1] = True


def _modelled(result: dict[str, Any]) -> None:
    result["modelled"]["years"][0]["transport_cost"] *= 1.001


def _facility(result: dict[str, Any]) -> None:
    result["paid"]["by_origin"][0]["origin"] = "South"


@pytest.mark.parametrize(
    ("tamper", "name"),
    [
        (_rent, "operating costs"),
        (_line, "transport beside the model"),
        (_books, "figures: lines"),
        (_cheaper_today, "today's network: cost"),
        (_other_sites, "today's network: today's sites are open, and no others"),
        (_modelled, "figures: modelled"),
        (_facility, "shipments and cents by origin"),
    ],
)
def test_each_lie_about_the_network_is_named(beside, told, network, tamper: Tamper, name: str):
    tamper(beside)

    code, said = told(beside, network=network)

    assert code == 1
    assert name in failed(said)


def _meets_the_books(result: dict[str, Any]) -> None:
    result["lines"][0]["paid_difference"] = 0.0


def _within(result: dict[str, Any]) -> None:
    result["lines"][0]["reconciled"] = True


def _other_books(result: dict[str, Any]) -> None:
    result["lines"][0]["control"] = 108_000_001.32


@pytest.mark.parametrize(
    ("tamper", "name"),
    [
        (_meets_the_books, "figures: lines"),
        (_within, "figures: lines"),
        (_other_books, "figures: lines"),
        (_calibrated, "figures: calibration"),
    ],
)
def test_each_lie_about_the_books_is_named(told, shipments, capsys, tamper: Tamper, name: str):
    solve_paid(shipments, None, {"control_totals": "2026 transport = 100000000"}, as_json=True)
    result = json.loads(capsys.readouterr().out)
    jsonschema_rs.validate(result_schema(), result)
    code, said = told(result)
    assert (code, failed(said)) == (0, {})
    assert said["believed"] == ["that the client's books say 2026 transport = 100000000.0"]

    tamper(result)

    code, said = told(result)
    assert code == 1
    assert name in failed(said)


def test_a_result_of_an_earlier_version_that_met_its_books_still_holds(told, shipments, tmp_path, capsys):
    """It was called not_compared, and its lines had no paid_difference."""
    unpriced = workbook(
        tmp_path / "unpriced.xlsx",
        parameters=PARAMETERS[:2],
        ControlTotals=[["year", "line", "amount"], [2026, "total", 108_000_000]],
    )
    solve_paid(shipments, unpriced, as_json=True)
    result = json.loads(capsys.readouterr().out)
    assert result["calibration"] == "calibrated"
    result["calibration"] = "not_compared"
    assert set(failed(told(result, network=unpriced)[1])) == {"figures: calibration"}
    result["notes"][0] = NOTES["not_compared"]
    for line in result["lines"]:
        del line["paid_difference"], line["paid_difference_share"]

    code, said = told(result, network=unpriced)

    assert (code, failed(said)) == (0, {})


def test_one_row_that_is_another_makes_it_other_data(alone, told, shipments):
    shipments.write_text(shipments.read_text().replace("0.10", "0.11", 1))
    with pytest.raises(CommandFailed, match="answers other data"):
        told(alone)


def test_the_network_is_the_one_that_was_set_beside(beside, alone, told, network, tmp_path):
    with pytest.raises(CommandFailed, match=r"set beside network\.xlsx: name it with --network"):
        told(beside)
    with pytest.raises(CommandFailed, match="shipments alone; leave --network out"):
        told(alone, network=network)
    with pytest.raises(CommandFailed, match="answers other data"):
        told(beside, network=workbook(tmp_path / "other.xlsx"))


def test_todays_network_without_its_plan_cannot_be_checked(beside, told, network):
    left = {**beside, "proof": None}
    with pytest.raises(CommandFailed, match="does not hold what it is proven by"):
        told(left, network=network)
    with pytest.raises(RefusedInput, match="lacks today's network"):
        told({**beside, "proof": {"baseline": None}}, network=network)


def test_a_network_without_a_price_is_a_word(beside, told, network, shipments, tmp_path, capsys):
    priceless = workbook(tmp_path / "priceless.xlsx", parameters=PARAMETERS)
    solve_paid(shipments, priceless, as_json=True)
    result = json.loads(capsys.readouterr().out)

    code, said = told(result, network=priceless)

    assert (code, failed(said)) == (0, {})
    assert said["believed"][0].startswith("that today's network has no price: ")


def test_options_that_mean_nothing_here_are_wrong_use(alone, told, tmp_path):
    with pytest.raises(CommandFailed, match="--exact is for transport"):
        told(alone, exact=True)
    with pytest.raises(CommandFailed, match="not an export"):
        told(alone, dataset=tmp_path)


def test_a_network_that_is_not_to_be_priced_is_not_said_to_be_asked_otherwise(told, shipments, tmp_path, capsys):
    unpriced = workbook(tmp_path / "unpriced.xlsx", parameters=PARAMETERS[:2])
    solve_paid(shipments, unpriced, as_json=True)
    result = json.loads(capsys.readouterr().out)

    code, said = told(result, network=unpriced)

    assert (code, failed(said), said["differs"], said["believed"]) == (0, {}, [], [])


def test_no_figure_is_changed_unnoticed(beside, shipments, network):
    assert places_taken(beside, recheck_baseline, nowhere(), shipments, None, network=network) == set()
