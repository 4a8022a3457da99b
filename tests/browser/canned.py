"""The pages over recorded answers: the same templates, assets and policies, and a network worked out by hand.

Shows every state a page can be in, without a database or a worker. The figures come from the real result code.
"""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from cli.solve_network import certificate_of
from networx.api.headers import page_policy
from networx.api.page_templates import STATIC, pages
from networx.domain.baseline_questions import baseline_asked
from networx.domain.fitted_bands import RateFit
from networx.domain.geography import centroid
from networx.domain.greenfield_parameters import greenfield_parameters
from networx.domain.network import Demand, Destinations, Facilities, FacilityYears, Forecast, Lanes, NetworkTables
from networx.domain.parameters import CapacityParameters, SitesAsked, TransportParameters
from networx.domain.plan import Certificate, Check, Outcome, ResultStatus, TransportPlan
from networx.domain.rate_parameters import RateParameters
from networx.domain.storage_questions import parameters_by_facility
from networx.ingest.freight_datasets import shipments_of
from networx.models.baseline import sum_paid
from networx.models.capacity import analyse_capacity, chosen_sites
from networx.models.greenfield import best_places, prepare
from networx.models.greenfield.sweep import ENGINE
from networx.models.integrated import plan_stores
from networx.models.rates import fit_rates, observed
from networx.models.sensitivity import Base, ask
from networx.models.transport import solve_transport
from networx.results.assignments import largest_assignments, write_assignments
from networx.results.capacity import capacity_result
from networx.results.greenfield import Study, greenfield_result, places_figures
from networx.results.integrated import integrated_result
from networx.results.kpis import transport_result
from networx.results.paid import paid_result
from networx.results.rates import rates_result
from networx.results.sensitivity_result import Asked, sensitivity_figures, sensitivity_result
from networx.verify.baseline import certify_paid
from networx.verify.capacity import certify_capacity
from networx.verify.greenfield import certify_greenfield
from networx.verify.rates import certify_rates
from networx.verify.transport import certify
from tests.core.models.small_freight import digest_of, shipment
from tests.core.models.small_networks import growing, two_sites
from tests.core.models.small_networks import network as network_of
from tests.core.models.small_warehouses import asked, stocked

SITES = {
    "Atlanta": ("GA", "30303"), "Chicago": ("IL", "60601"), "Dallas": ("TX", "75201"), "Denver": ("CO", "80202"),
    "Los Angeles": ("CA", "90012"), "Memphis": ("TN", "38103"), "Newark": ("NJ", "07102"), "Columbus": ("OH", "43215"),
    "Seattle": ("WA", "98101"), "Kansas City": ("MO", "64105"), "Phoenix": ("AZ", "85004"),
    "Charlotte": ("NC", "28202"),
}  # fmt: skip
OPEN = {"Atlanta", "Chicago", "Dallas", "Los Angeles", "Newark", "Seattle"}
DESTINATION_ZIPS = [f"{prefix:03d}01" for prefix in range(10, 995, 4)]
YEARS = (2026, 2027, 2028, 2029, 2030)
JOB = UUID("0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a11")
SCENARIO = UUID("0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a12")
DATASET = UUID("0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a13")
PROJECT = UUID("0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a15")
UPLOAD = UUID("0198c1b2-7d5e-7c40-8a4e-2f6f1d1c9a14")
AT = "2026-11-20T09:30:00+00:00"


def _places(zips: list[str]) -> tuple[Any, Any]:
    points = [centroid(code) or (np.nan, np.nan) for code in zips]
    return np.array([point[0] for point in points]), np.array([point[1] for point in points])


def _miles(one: tuple[Any, Any], other: tuple[Any, Any]) -> Any:
    radians = [np.radians(value) for value in (one[0][:, None], one[1][:, None], other[0][None], other[1][None])]
    cosine = np.sin(radians[0]) * np.sin(radians[2]) + np.cos(radians[0]) * np.cos(radians[2]) * np.cos(
        radians[1] - radians[3]
    )
    return 3958.8 * np.arccos(np.clip(cosine, -1, 1))


def network() -> tuple[NetworkTables, TransportPlan]:
    """Twelve candidates, six of them open, and each destination served by the nearest of these."""
    zips = [code for code in DESTINATION_ZIPS if centroid(code)]
    sites, ends = _places([code for _, code in SITES.values()]), _places(zips)
    miles = _miles(sites, ends)
    count, size = len(SITES), len(zips)
    demand = 4_000 + 9_000 * (np.arange(size) * 7919 % 97) / 97
    none, no_codes = np.zeros(0), np.zeros(0, dtype=np.int32)
    tables = NetworkTables(
        Facilities(
            tuple(f"{city}, {state}" for city, (state, _) in SITES.items()),
            tuple(SITES), tuple(state for state, _ in SITES.values()), tuple(code for _, code in SITES.values()),
            *sites, np.full(count, 620_000.0), 900_000.0 + 55_000.0 * np.arange(count),
            tuple("mandatory" if city == "Chicago" else "candidate" for city in SITES),
        ),
        Destinations(tuple(f"ZIP {code}" for code in zips), (None,) * size, (None,) * size, tuple(zips), *ends, demand),
        Demand(no_codes, np.zeros(0, dtype=np.int64), none),
        Forecast(np.array(YEARS), demand.sum() * 1.04 ** np.arange(len(YEARS))),
        Lanes(
            np.repeat(np.arange(count), size).astype(np.int32), np.tile(np.arange(size), count).astype(np.int32),
            (miles * 0.0042).ravel() + 0.35, miles.ravel(),
        ),
        FacilityYears(no_codes, np.zeros(0, dtype=np.int64), none, none),
        {},
    )  # fmt: skip
    is_open = tuple(city in OPEN for city in SITES)
    nearest = np.where(np.array(is_open)[:, None], miles, np.inf).argmin(axis=0)
    plan = TransportPlan(
        YEARS,
        np.tile(np.array(is_open), (len(YEARS), 1)),
        np.repeat(np.arange(len(YEARS)), size).astype(np.int32),
        np.tile(nearest, len(YEARS)).astype(np.int32),
        np.tile(np.arange(size), len(YEARS)).astype(np.int32),
        np.concatenate([demand * 1.04**index for index in range(len(YEARS))]),
    )
    return tables, plan


def solved() -> tuple[dict[str, Any], io.BytesIO]:
    """The result object of the network above, as the page gets it, and its assignments as Parquet."""
    tables, plan = network()
    parameters = TransportParameters(single_sourcing=False, lease_years=5, service_level=0.8, max_distance_miles=500.0)
    checks = tuple(
        Check(name, worst, 1e-7, True)
        for name, worst in [("demand_met", 2.1e-16), ("capacity", 0.0), ("service_level", 0.0), ("cost", 4.4e-16)]
    )
    certificate = Certificate(tables.sha256(), True, checks, 22_904_518.2, 22_904_401.7, 5.1e-6, "solver")
    outcome = Outcome(ResultStatus.OPTIMAL, "HiGHS 1.12", 4.2, 22_904_518.2, 22_904_401.7, 5.1e-6, "solver", plan)
    result = transport_result(tables, parameters, outcome, certificate, identity={"job_id": str(JOB)})
    result["objective"] = result["certificate"]["objective"] = result["kpis"]["total_cost"]
    result["bound"] = result["certificate"]["bound"] = result["kpis"]["total_cost"] * (1 - 5.1e-6)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "assignments.parquet"
        write_assignments(path, tables, parameters, plan)
        return result, io.BytesIO(path.read_bytes())


def analysed(names: tuple[str, str]) -> dict[str, Any]:
    """The result object of a capacity analysis worked out by hand, its destinations named so; opening costs once."""
    tables = growing(destinations=[(names[0], 60), (names[1], 40)])
    once, own = np.array([0.0, 0.0, 20.0, 5.0]), np.array([1.0, 0.0, 0.0, 0.0])
    tables = replace(tables, facilities=replace(tables.facilities, opening_cost=once, variable_cost_per_unit=own))
    stated = TransportParameters(single_sourcing=False)
    sites = chosen_sites(tables, stated, None)
    outcome = analyse_capacity(tables, stated, CapacityParameters(SitesAsked()), sites)
    certificate = certify_capacity(tables, stated, sites, outcome, tables.sha256())
    return capacity_result(tables, stated, outcome, certificate, asked="mandatory", identity={"job_id": str(JOB)})


def integrated(site: str) -> dict[str, Any]:
    """The result object of a network of two sites with warehouses and stock, its first site named so."""
    tables = stocked(two_sites(facilities=[(site, 110, 100), ("South", 40, 50)]))
    stated = TransportParameters(single_sourcing=False, lease_years=2)
    outcome = solve_transport(tables, stated)
    assert outcome.plan is not None
    identity = {"job_id": str(JOB)}
    network = certify(tables, stated, outcome.plan, **_claims(outcome), dataset_sha256=tables.sha256())
    stores = plan_stores(tables, outcome.plan, {})
    figures = transport_result(tables, stated, outcome, network, identity=identity)
    planned = [(asked(), one) for one in stores.warehouses]
    stock = parameters_by_facility(tables.inventory, {}, tables.warehouse, [0, 1], tables.facilities.name)
    return integrated_result(tables, figures, planned, (stock, stores.inventory), network)


def what_if() -> dict[str, Any]:
    """The result object of a job that asked about two sites, with a site of a client's own name."""
    tables, stated = two_sites(), TransportParameters(single_sourcing=False, lease_years=2)
    base = solve_transport(tables, stated)
    told = sensitivity_figures(tables, base, ask(Base(tables, stated, base), certificate_of))
    certificate = certificate_of(tables, stated, base)
    assert certificate is not None
    of_plan = Asked(str(JOB), base, certificate)
    return sensitivity_result(tables, stated, of_plan, told, asked=len(told["answers"]), identity={"job_id": str(JOB)})


def places(site: str) -> dict[str, Any]:
    """The result object of a greenfield study of four towns, one to three places."""
    zips = ["60601", "02110", "80202", "33128"]
    latitude, longitude = _places(zips)
    tables = network_of(
        [], [(name, 100.0, *at) for name, *at in zip((site, "B", "C", "D"), latitude, longitude, strict=True)]
    )
    tables = replace(tables, destinations=replace(tables.destinations, zip=tuple(zips)), parameters={"circuity": "1.2"})
    stated = greenfield_parameters(tables.parameters, {"min_sites": 1, "max_sites": 3, "candidates": "own"})
    instance = prepare(tables, stated.candidates, stated.circuity, 3)
    units = float(instance.units.sum())
    rows = [
        places_figures(
            tables, stated, found, certify_greenfield(tables, stated.candidates, 1.2, stated.gap, found), units
        )
        for found in best_places(instance, stated.counts, seconds=60, gap=stated.gap)
    ]
    study = Study(stated, ENGINE, len(instance.zips), units)
    return greenfield_result(tables, study, rows, seconds=1.0, identity={"job_id": str(JOB)}, notes=[])


def _claims(outcome: Outcome) -> dict[str, Any]:
    names = ("objective", "bound", "gap", "status", "bound_source", "proof")
    return {name: getattr(outcome, name) for name in names}


INFEASIBLE = {
    "status": "infeasible", "objective": None, "bound": None, "gap": None, "partial": False, "kpis": None, "years": [],
    "facilities": [], "certificate": {"checks": [], "valid": True},
    "infeasibility": {"evidence": "closed_form", "clashes": [{
        "requirement": "capacity", "year": 2030, "short_by": 61_250.0, "unit": "units",
        "message": "Demand in 2030 is 1,301,250 units; the 4 facilities that may be open hold 1,240,000 at most.",
        "cure": "Allow 5 facilities, or raise capacity by 61,250 units in 2030."}]},
}  # fmt: skip


def paid(destination: str, **books: str) -> dict[str, Any]:
    """The result object of a baseline of five shipments to two places, four of them to this one."""
    rows = [
        shipment(f"2026-0{month}-01", charge=month * 10_050, units=2.0, destination=destination, dest_zip=None)
        for month in range(1, 5)
    ]
    rows.append(shipment("2025-12-01", direction=None, charge=-250))
    summed = sum_paid(shipments_of([rows]))
    kept = {"rows": 5, "cents": 100_250}
    account = [{"tab": "CSV", "shipments": 5, "read": kept, "kept": kept, "left_out": {}}]
    certificate = certify_paid([rows], digest_of(rows), summed, account=account)
    identity = {"job_id": str(JOB), "dataset_file": "freight.csv", "dataset_sha256": certificate.dataset_sha256}
    identity |= {"solved_at": AT}
    asked = baseline_asked(None, books, 1)
    return paid_result(summed, certificate, identity=identity, account=account, warnings=[], asked=asked)


def fitted_rates(warning: str) -> dict[str, Any]:
    """The result object of rates fitted to 40 shipments by truck, with two more by ltl and one without a weight."""
    rows = [
        shipment(miles=50.0 + 10 * at, weight_lb=600.0 + at, charge=5_000 + 50 * (50 + 10 * at) + at % 7 * 100)
        for at in range(40)
    ]
    rows += [shipment(mode="ltl", miles=90.0, weight_lb=700.0) for _ in range(2)] + [shipment(miles=90.0)]
    question = RateParameters(circuity=1.2)
    seen = observed(shipments_of([rows]), question.circuity)
    fit = RateFit(tuple(fit_rates(seen)), seen.left_out, 0.1)
    certificate = certify_rates([rows], digest_of(rows), question, fit)
    identity = {"job_id": str(JOB), "dataset_file": "freight.csv", "dataset_sha256": certificate.dataset_sha256}
    return rates_result(
        fit, question, certificate, identity=identity | {"solved_at": AT}, warnings=[warning], stated=["circuity"]
    )


def job(status: str, result: dict[str, Any] | None = None, progress: dict[str, Any] | None = None) -> dict[str, Any]:
    """A job in some state."""
    return {
        "id": str(JOB), "type": "transport", "scenario_id": str(SCENARIO), "scenario_version": 1, "status": status,
        "attempt": 1, "progress": progress, "created_at": AT, "updated_at": AT, "started_at": AT, "finished_at": None,
        "partial": False, "error": None, "result": result, "paused": None, "members": [], "member_counts": {},
        "failed_members": [],
    }  # fmt: skip


class Canned:
    """The answers of every route; a test changes what it wants another way."""

    def __init__(self) -> None:
        self.result, self.parquet = solved()
        self.job = job("succeeded", {name: self.result[name] for name in ("status", "objective", "bound", "gap")})
        self.course: list[dict[str, Any]] = []
        self.upload: dict[str, Any] = {
            "upload_id": str(UPLOAD), "filename": "north-america.xlsx", "bytes": 1_482_113, "status": "loaded",
            "reason": None, "reason_code": None, "problem_count": 0, "dataset_id": str(DATASET), "job_id": None,
            "created_at": AT, "counts": {}, "warnings": [], "kind": "workbook", "model": None, "bad_rows": None,
        }  # fmt: skip
        self.dataset: dict[str, Any] = {
            "dataset_id": str(DATASET), "years": 5, "parameters": {}, "warnings": [],
            "counts": {"facilities": 12, "destinations": 246, "lanes": 2952, "forecast": 5},
        }  # fmt: skip
        self.problems: list[dict[str, Any]] = []
        self.assistant: dict[str, Any] = {
            "configured": False, "host": None, "model": None, "cheaper_model": None, "may_see_budget": False,
            "consent": {"mapping": False, "summaries": False, "changed_at": None, "changed_by": None},
        }  # fmt: skip
        self.columns: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        self.summary: dict[str, Any] = {}
        self.told = ["Transport job.", "Attempt 1: it failed, and no try was left."]
        self.redriven = 0
        self.asked: list[Any] = []
        self.about: list[dict[str, Any]] = []

    def app(self) -> Starlette:
        """A server of the pages and their answers."""
        answers = {
            "/api/jobs": lambda _: [self.job],
            "/api/uploads": lambda _: [self.upload],
            "/api/projects": lambda _: [{"project_id": str(PROJECT)}],
            "/api/scenarios": lambda _: [
                {"scenario_id": str(SCENARIO), "name": "Six sites, five years", "datasets": {"network": str(DATASET)}}
            ],
            f"/api/scenarios/{SCENARIO}": lambda _: {"name": "Six sites, five years"},
            f"/api/jobs/{JOB}": lambda _: self.job,
            f"/api/jobs/{JOB}/result": lambda _: self.result,
            f"/api/jobs/{JOB}/story": lambda _: {"told": self.told},
            f"/api/jobs/{JOB}/assignments": self._assignments,
            f"/api/jobs/{JOB}/sensitivity": lambda _: self.about,
            f"/api/uploads/{UPLOAD}": lambda _: self.upload,
            f"/api/uploads/{UPLOAD}/problems": lambda _: {"problems": self.problems, "total": len(self.problems)},
            f"/api/uploads/{UPLOAD}/mapping": lambda _: {"upload_id": str(UPLOAD), "columns": self.columns},
            "/api/assistant": lambda _: self.assistant,
            "/api/assistant/usage": lambda _: {
                "periods": [{"period": period, "since": AT[:10], "models": self._used()} for period in ("month", "day")]
            },
            "/api/assistant/calls": lambda _: self.calls,
            "/api/assistant/budget": lambda _: {
                "periods": [
                    {
                        "period": period,
                        "since": AT[:10],
                        "token_limit": 100_000,
                        "dollar_limit": 10.0,
                        "spent_tokens": 82_500,
                        "spent_dollars": 0.42,
                        "held_tokens": 4_100,
                        "held_dollars": 0.0103,
                        "percent_spent": 82.5,
                    }
                    for period in ("month", "day")
                ],
                "tenants": [{"tenant": "acme", **used} for used in self._used()],
            },
            "/api/datasets": lambda _: [
                {"dataset_id": str(UPLOAD), "filename": "demand.xlsx", "created_at": AT, "counts": {"facilities": 0}},
                {"dataset_id": str(DATASET), "filename": "network.xlsx", "created_at": AT, "counts": {"facilities": 2}},
            ],
            f"/api/datasets/{DATASET}": lambda _: self.dataset,
        }

        def answering(answer: Any) -> Any:
            async def endpoint(request: Request) -> Response:
                return JSONResponse({"success": True, "data": json.loads(json.dumps(answer(request), default=str))})

            return endpoint

        return Starlette(
            routes=[
                Route("/", _page("home.html")),
                Route("/sign-in", _page("sign_in.html", onward="/")),
                Route(f"/uploads/{UPLOAD}", _page("upload.html", upload_id=str(UPLOAD))),
                Route(f"/jobs/{JOB}", _page("job.html", job_id=str(JOB))),
                Route(f"/api/jobs/{JOB}/events", self._events),
                Route(f"/api/jobs/{JOB}/sensitivity", self._ask, methods=["POST"]),
                Route(f"/api/jobs/{JOB}/redrive", answering(self._redrive), methods=["POST"]),
                *(Route(path, answering(answer)) for path, answer in answers.items()),
                Route("/assistant", _page("assistant.html")),
                Route(f"/api/jobs/{JOB}/summary", answering(lambda _: self.summary), methods=["POST"]),
                Route(f"/api/uploads/{UPLOAD}/decision", self._decide, methods=["POST"]),
                Route(f"/api/uploads/{UPLOAD}/mapping/suggestions", answering(self._suggest), methods=["POST"]),
                Route("/api/scenarios", self._scenario, methods=["POST"]),
                Route("/api/optimize/run-batch", self._run, methods=["POST"]),
                Mount("/static", StaticFiles(directory=STATIC)),
            ]
        )

    def _assignments(self, request: Request) -> dict[str, Any]:
        year = int(request.query_params["year"])
        self.parquet.seek(0)
        rows = largest_assignments(self.parquet, int(request.query_params["limit"]), year)
        return {"assignments": rows, "total": len(rows), "offset": 0}

    def _used(self) -> list[dict[str, Any]]:
        return (
            [{"model": "large-model", "calls": len(self.calls), "tokens": 82_500, "dollars": 0.42}]
            if self.calls
            else []
        )

    def _suggest(self, _request: Request) -> dict[str, Any]:
        suggestion = {"field": "city", "confidence": 0.82, "source": "assistant", "model": "large-model"}
        columns = [column | {"suggestion": suggestion | {"suggested_at": AT}} for column in self.columns]
        return {"upload_id": str(UPLOAD), "columns": columns}

    async def _decide(self, request: Request) -> Response:
        self.asked.append(await request.json())
        self.upload |= {"status": "loaded"}
        return JSONResponse({"success": True, "data": json.loads(json.dumps(self.upload, default=str))}, 202)

    async def _scenario(self, request: Request) -> Response:
        self.asked.append(await request.json())
        return JSONResponse({"success": True, "data": {"scenario_id": str(SCENARIO)}}, 201)

    async def _run(self, request: Request) -> Response:
        self.asked.append(await request.json())
        return JSONResponse({"success": True, "data": {"job_id": str(JOB)}}, 202)

    async def _ask(self, request: Request) -> Response:
        self.asked.append(await request.json())
        self.about = [job("running", progress={"stage": "question 1 of 6", "percent": 0.0}) | {"id": str(SCENARIO)}]
        return JSONResponse({"success": True, "data": {"job_id": str(SCENARIO)}}, 202)

    def _redrive(self, _request: Request) -> dict[str, Any]:
        self.redriven += 1
        self.job = job("queued") | {"type": self.job["type"]}
        return self.job

    async def _events(self, _request: Request) -> Response:
        async def stream() -> AsyncIterator[str]:
            for state in self.course:
                yield f"event: job\ndata: {json.dumps(state, default=str)}\n\n"
                await asyncio.sleep(0.05)
            await asyncio.sleep(600)

        return StreamingResponse(stream(), media_type="text/event-stream")


def _page(template: str, **context: str) -> Any:
    async def endpoint(request: Request) -> Response:
        person = {} if template == "sign_in.html" else {"person": "local developer"}
        return pages.TemplateResponse(
            request, template, {**context, **person}, headers={"Content-Security-Policy": page_policy(None)}
        )

    return endpoint
