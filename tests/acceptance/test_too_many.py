"""Many requests at once, against a whole platform: honest work passes, and too much is told when to come back."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from local.platform import Platform
from tests.acceptance.client import Client
from tests.acceptance.record import Record
from tests.acceptance.store import Store
from tests.acceptance.workbooks import three_towns, workbook

pytestmark = pytest.mark.platform


def fire(url: str, times: int, *, at_once: int, method: str = "GET", body: object = None, address: str, **headers: str):
    """The same request `times`, `at_once` in flight, from an address of this machine; the answers."""
    transport = httpx.HTTPTransport(local_address=address)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(transport=transport, headers=named, timeout=60) as http, ThreadPoolExecutor(at_once) as threads:
        return list(threads.map(lambda _: http.request(method, url, json=body), range(times)))


def test_of_150_requests_in_a_minute_from_one_address_100_are_answered(platform: Platform):
    answers = fire(f"{platform.url}/api/health", 150, at_once=50, address="127.0.0.41", X_Forwarded_For=str(uuid4()))
    assert Counter(answer.status_code for answer in answers) == {200: 100, 429: 50}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "RATE_LIMITED"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    (neighbour,) = fire(f"{platform.url}/api/health", 1, at_once=1, address="127.0.0.42")
    assert (neighbour.status_code, neighbour.headers["RateLimit-Remaining"]) == (200, "99")


def test_a_hundred_runs_ten_at_once_all_pass(platform: Platform, client: Client, record: Record, store: Store):
    """As `ab -n 100 -c 10` would."""
    slug = f"many-{uuid4().hex[:8]}"
    key = record.admit(slug)
    with Client(platform.url, key) as many:
        store.put("many.xlsx", workbook(three_towns()), tenant=slug)
        scenario = many.new_scenario(many.upload_named("many.xlsx")["dataset_id"])["scenario_id"]
        body = {"scenario_id": scenario}
        url = f"{platform.url}/api/optimize/run-batch"
        answers = fire(url, 100, at_once=10, method="POST", body=body, address="127.0.0.43", X_API_Key=key)
        assert Counter(answer.status_code for answer in answers) == {202: 100}
        assert len({answer.json()["data"]["job_id"] for answer in answers}) == 100
        for answer in answers:
            many.post(f"/api/jobs/{answer.json()['data']['job_id']}/cancel")
