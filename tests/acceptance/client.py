"""A client of the API as any client would write one."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import httpx

UPLOAD_SETTLED = frozenset({"loaded", "rejected", "needs_mapping", "needs_decision", "aborted"})
JOB_ENDED = frozenset({"succeeded", "failed", "cancelled", "dead"})
POLL_SECONDS = 0.1


class Answer(NamedTuple):
    """A status and the envelope that came with it."""

    status: int
    body: dict[str, Any]


class Client:
    """One key's view of the platform. What is not a success fails the test with the envelope."""

    def __init__(self, url: str, key: str | None) -> None:
        headers = {} if key is None else {"X-API-Key": key}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Any request, and its answer whatever it says."""
        answer = self._http.request(method, path, json=body, headers=headers)
        return Answer(answer.status_code, answer.json())

    def get(self, path: str) -> Any:
        return self._data(self.ask("GET", path))

    def post(self, path: str, body: Any = None) -> Any:
        return self._data(self.ask("POST", path, body))

    def patch(self, path: str, body: Any) -> Any:
        return self._data(self.ask("PATCH", path, body))

    def file(self, path: str) -> bytes:
        """A download, as it is."""
        answer = self._http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.content

    def upload_by_parts(self, name: str, content: bytes) -> str:
        """Put a file into the bucket by signed addresses; the upload's id."""
        begun = self.post("/api/uploads/presign", {"filename": name, "bytes": len(content)})
        size = begun["part_size"]
        etags = []
        for number, part in enumerate(begun["urls"]):
            sent = httpx.put(part["url"], content=content[number * size : (number + 1) * size], trust_env=False)
            assert sent.status_code == 200, sent.text
            etags.append(sent.headers["ETag"])
        self.post(f"/api/uploads/{begun['upload_id']}/complete", {"etags": etags})
        return str(begun["upload_id"])

    def upload_named(self, filename: str, seconds: float = 30) -> dict[str, Any]:
        """The settled upload of a file that was put into the bucket under this name."""
        deadline = time.monotonic() + seconds
        while True:
            listed = self.ask("GET", "/api/uploads?limit=200")
            found = [one for one in listed.body.get("data") or () if one["filename"] == filename]
            if found and found[0]["status"] in UPLOAD_SETTLED:
                return dict(found[0])
            assert time.monotonic() < deadline, f"{filename} has not settled: {found or listed}"
            time.sleep(POLL_SECONDS)

    def upload_settled(self, upload_id: str, seconds: float = 30) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while (upload := self.get(f"/api/uploads/{upload_id}"))["status"] not in UPLOAD_SETTLED:
            assert time.monotonic() < deadline, upload
            time.sleep(POLL_SECONDS)
        return dict(upload)

    def new_scenario(self, dataset_id: str, kind: str = "transport", **parameters: Any) -> dict[str, Any]:
        """A scenario over a dataset, in a project of its own."""
        project = self.post("/api/projects", {"name": "Acceptance"})
        return dict(
            self.post(
                "/api/scenarios",
                {
                    "project_id": project["project_id"],
                    "name": "Acceptance",
                    "type": kind,
                    "datasets": {"network": dataset_id},
                    "parameters": parameters,
                },
            )
        )

    def run(self, scenario_id: str) -> str:
        """Start a scenario; the job's id."""
        return str(self.post("/api/optimize/run-batch", {"scenario_id": scenario_id})["job_id"])

    def job(self, job_id: str) -> dict[str, Any]:
        return dict(self.get(f"/api/jobs/{job_id}"))

    def job_ended(self, job_id: str, seconds: float = 60) -> dict[str, Any]:
        """The job once it has ended. A service that is away for a moment is asked again."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                answer = self.ask("GET", f"/api/jobs/{job_id}")
            except httpx.TransportError as fault:
                answer = Answer(503, {"error": str(fault)})
            if answer.status == 200 and answer.body["data"]["status"] in JOB_ENDED:
                return dict(answer.body["data"])
            assert time.monotonic() < deadline, answer
            time.sleep(POLL_SECONDS)

    def solved(self, dataset_id: str, seconds: float = 60, **parameters: Any) -> dict[str, Any]:
        """The ended job of a new scenario over a dataset."""
        return self.job_ended(self.run(self.new_scenario(dataset_id, **parameters)["scenario_id"]), seconds)

    @staticmethod
    def _data(answer: Answer) -> Any:
        assert answer.status < 300, answer
        assert answer.body["success"] is True
        assert answer.body["request_id"]
        return answer.body["data"]
