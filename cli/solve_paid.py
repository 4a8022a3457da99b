"""`networx solve FILE --type baseline`: shipments summed up and certified with no service running."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.answer import print_result
from cli.corrected import corrected_rows
from cli.passed import identity_of, passed
from cli.reading import read_workbook
from cli.solve_network import LONGEST, interrupted
from cli.storage_answer import print_paid
from cli.watching import Watching
from networx.domain.baseline_questions import BaselineAsked, baseline_asked
from networx.domain.business import Baseline
from networx.domain.network import NetworkTables
from networx.domain.parameters import TransportParameters
from networx.domain.shipment_columns import TABLE
from networx.domain.shipment_record import ShipmentDigest
from networx.errors import RefusedInput
from networx.ingest.batches import Batch
from networx.ingest.freight_datasets import Rows, shipments_of
from networx.ingest.shipments import FreightSummary, parse_shipments
from networx.resilience.confine import Child, Confinement, Stopped
from networx.results.paid import Beside, operating_costs, paid_result
from networx.results.proof import inside, today_proof
from networx.topology import TOPOLOGY

CONFINEMENT = Confinement("networx.work.baseline_child:run", memory_mib=TOPOLOGY.kind("baseline").child_memory_mib)


def solve_paid(
    file: Path,
    network: Path | None,
    overrides: Mapping[str, Any] | None = None,
    *,
    as_json: bool,
    without_bad_rows: bool = False,
    corrected: Sequence[Path] = (),
) -> None:
    """Sum up what was paid, beside the workbook `network` if there is one, and print the answer.

    `overrides` are what a scenario on the platform would state of the books.

    Raises CommandFailed, RefusedInput.
    """
    from networx.models.baseline import sum_paid
    from networx.verify.baseline import certify_paid

    asked, beside = _asked(network, overrides or {})
    rows, sha256, summary = read_shipments(file, without_bad_rows=without_bad_rows, corrected=corrected)
    account = [tab.as_dict() for tab in summary.account]
    paid = sum_paid(shipments_of(rows), None if beside is None else beside.tables)
    certificate = certify_paid(
        rows,
        sha256,
        paid,
        account=account,
        network=None if beside is None else beside.tables,
        network_sha256=None if beside is None else beside.identity["dataset_sha256"],
        operating_costs=operating_costs(beside),
    )
    result = paid_result(
        paid,
        passed(certificate),
        identity=identity_of(file, sha256),
        account=account,
        warnings=summary.warnings,
        asked=asked,
        beside=beside,
        proof=None if beside is None or beside.baseline is None else inside(today_proof(beside.baseline)),
    )
    if as_json:
        print_result(result)
    else:
        print_paid(result)


def read_shipments(
    path: Path, *, without_bad_rows: bool = False, corrected: Sequence[Path] = ()
) -> tuple[list[Rows], str, FreightSummary]:
    """The shipments in a file as rows of the record, the digest of their rows, and what is said of the file; rows of
    the workbooks in `corrected` stand for its own.

    `without_bad_rows` leaves out those with a cell that cannot be read, and says so: as somebody decided. Raises
    RefusedInput with every problem.
    """
    batches: list[Rows] = []
    digest = ShipmentDigest()

    def keep(batch: Batch) -> None:
        digest.update_rows(TABLE, batch.rows)
        batches.append(batch.rows)

    mended = corrected_rows(path, corrected)
    summary = parse_shipments(path, keep, lambda _reached: None, without_bad_rows=without_bad_rows, mended=mended)
    if summary.problem_count:
        raise RefusedInput(summary.problems)
    return batches, digest.hexdigest(), summary


def _asked(network: Path | None, overrides: Mapping[str, Any]) -> tuple[BaselineAsked, Beside | None]:
    if network is None:
        return baseline_asked(None, overrides, 1), None
    from networx.models.transport.demand import demand_by_year

    tables, _ = read_workbook(network)
    asked = baseline_asked(tables.parameters, overrides, len(demand_by_year(tables)[0]))
    return asked, _beside(network, tables, asked)


def _beside(path: Path, tables: NetworkTables, asked: BaselineAsked) -> Beside:
    from networx.verify.baseline import certify_today

    identity = {"dataset_file": path.name, "dataset_sha256": tables.sha256()}
    flows, parameters = asked.business.baseline_flows, asked.transport
    if flows is None:
        return Beside(tables, identity)
    baseline = price(tables, parameters, flows)
    certificate = None
    if baseline.outcome is not None:
        certificate = passed(certify_today(tables, parameters, baseline, identity["dataset_sha256"]), "Today's network")
    return Beside(tables, identity, baseline, certificate)


def price(
    tables: NetworkTables, parameters: TransportParameters, flows: str, confinement: Confinement = CONFINEMENT
) -> Baseline:
    """Today's network, priced in a child that is ended at its limit; after Ctrl-C it has no price, and the sums stand.

    Raises LimitExceeded for the child's memory.
    """
    from networx.models.baseline.today import STOPPED
    from networx.work.solve_child import PRICING_TODAY
    from networx.work.today_run import price_on_time

    with tempfile.TemporaryDirectory() as scratch, Watching() as watching, interrupted() as stopped:
        watching.show("pricing", PRICING_TODAY)
        folder, stop_file = Path(scratch), Path(scratch) / "stop"
        question = (tables, parameters, flows)
        try:
            baseline = price_on_time(
                Child(confinement), folder, question, stopped.is_set, most=LONGEST, stop_file=stop_file
            )
        except Stopped:
            baseline = Baseline(flows, why=STOPPED)
        priced = "priced" if baseline.outcome is not None else "no price"
        watching.done("pricing", f"today's network: {priced}")
    return baseline
