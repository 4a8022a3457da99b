"""A client of the API, as any client would write it: upload by signed parts, submit, watch, download."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from cli.terminal import CommandFailed, Exit

_REFUSALS = frozenset({400, 413, 422})
_SETTLED = frozenset({"needs_mapping", "needs_decision", "loaded", "rejected", "aborted"})
_POLL_SECONDS = 0.1
_RECONNECTS = 5


class Unavailable(CommandFailed):
    """A part of the platform is away for the moment."""


class Client:
    """The API of one platform. Every refusal is raised as CommandFailed, with its problems."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        # Only ever a platform on this machine: a proxy of the environment has no part in it.
        self._http = httpx.Client(base_url=url, headers={"X-API-Key": key}, timeout=60, trust_env=False)
        self._storage = httpx.Client(timeout=300, trust_env=False)

    def get(self, path: str, **query: Any) -> Any:
        return self._data(self._http.get(path, params=query))

    def every(self, path: str, **query: Any) -> list[Any]:
        """All rows of a list, page after page."""
        rows: list[Any] = []
        cursor: str | None = None
        while True:
            answer = self._http.get(path, params=query if cursor is None else {**query, "cursor": cursor})
            rows += self._data(answer)
            cursor = orjson.loads(answer.content).get("next")
            if cursor is None:
                return rows

    def post(self, path: str, body: Any = None) -> Any:
        return self._data(self._http.post(path, json=body))

    def send(self, path: str, content: bytes, **query: Any) -> Any:
        """POST the bytes of a small file."""
        headers = {"Content-Type": "application/octet-stream"}
        return self._data(self._http.post(path, content=content, headers=headers, params=query))

    def put(self, path: str, body: Any) -> Any:
        return self._data(self._http.put(path, json=body))

    def delete(self, path: str) -> Any:
        return self._data(self._http.delete(path))

    def upload(self, file: Path, sent: Callable[[int], None]) -> dict[str, Any]:
        """Put a file into the input bucket in parts; `sent` hears the bytes that have gone. The upload as it stands."""
        size = file.stat().st_size
        begun = self.post("/api/uploads/presign", {"filename": file.name, "bytes": size})
        path = f"/api/uploads/{begun['upload_id']}"
        urls: list[dict[str, Any]] = begun["urls"]
        etags: list[str] = []
        with file.open("rb") as content:
            while len(etags) < begun["parts"]:
                if len(etags) == len(urls):
                    urls += self.get(f"{path}/parts", **{"from": len(urls) + 1})["urls"]
                part = content.read(begun["part_size"])
                answer = self._storage.put(urls[len(etags)]["url"], content=part)
                if answer.is_error:
                    raise CommandFailed(f"The file store refused a part of {file.name}: {answer.status_code}.")
                etags.append(answer.headers["ETag"])
                sent(len(part))
        done: dict[str, Any] = self.post(f"{path}/complete", {"etags": etags})
        return done

    def settled_upload(self, upload_id: str, seen: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Follow an upload until it is loaded, refused or waits for a person."""
        while True:
            try:
                upload: dict[str, Any] = self.get(f"/api/uploads/{upload_id}")
            except Unavailable:
                # The upload is in the bucket; it is worked on when what is missing is back.
                time.sleep(1)
                continue
            seen(upload)
            if upload["status"] in _SETTLED:
                return upload
            time.sleep(_POLL_SECONDS)

    def job_events(self, job_id: str) -> Iterator[dict[str, Any]]:
        """The job each time it changes, until it has ended. A stream that breaks is taken up again where it broke."""
        seen: dict[str, str] = {}
        shown: dict[str, str] = {}
        for attempt in range(_RECONNECTS):
            try:
                path = f"/api/jobs/{quote(job_id)}/events"
                with self._http.stream("GET", path, timeout=None, headers=seen) as stream:
                    if stream.is_error:
                        stream.read()
                        self._data(stream)
                    for line in stream.iter_lines():
                        if line.startswith("id: "):
                            shown = {"Last-Event-ID": line.removeprefix("id: ")}
                        elif line.startswith("data: "):
                            yield orjson.loads(line.removeprefix("data: "))
                            seen = shown
                    return
            except httpx.TransportError:
                time.sleep(0.5 * (attempt + 1))
        raise CommandFailed(f"The stream of job {job_id} keeps breaking off; see `networx jobs`.")

    def result(self, job_id: str) -> dict[str, Any]:
        data: dict[str, Any] = self.get(f"/api/jobs/{job_id}/result")
        return data

    def download(self, path: str, to: Path) -> None:
        """One file of the API, written whole or not at all."""
        fresh = to.with_name(to.name + ".part")
        with self._http.stream("GET", path) as answer, fresh.open("wb") as file:
            if answer.is_error:
                answer.read()
                self._data(answer)
            for piece in answer.iter_bytes():
                file.write(piece)
        fresh.replace(to)

    def _data(self, answer: httpx.Response) -> Any:
        try:
            body = orjson.loads(answer.content)
        except orjson.JSONDecodeError as fault:
            raise CommandFailed(f"{answer.request.url} answered {answer.status_code} without JSON.") from fault
        if answer.status_code == 503 and "data" in body:
            return body["data"]
        if not body.get("success"):
            if answer.status_code == 503:
                raise Unavailable(body.get("error"))
            code = Exit.REFUSED if answer.status_code in _REFUSALS else Exit.FAILED
            raise CommandFailed(f"{body.get('error')} ({body.get('code')})", code, body.get("problems", ()))
        return body["data"]
