"""Where the model of a run comes from: the request's own body, or a file that was uploaded before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from networx.api import object_store
from networx.api.principals import Principal
from networx.db.pool import Connection
from networx.domain.model_file import statement_of
from networx.errors import Conflict, NotFound, Problem, RefusedInput
from networx.ingest import records

UPLOAD = "upload_id"


@dataclass(frozen=True, slots=True)
class Stored:
    """A model in storage, as a job's params name it. `correlation_id` is that of its upload, if it has one."""

    params: Mapping[str, Any]
    correlation_id: UUID | None = None


class Source(Protocol):
    """`stated` is what a repetition of the request must say too; `stored` finds the model for a tenant's job."""

    @property
    def stated(self) -> Mapping[str, Any]: ...

    def stored(self, connection: Connection) -> Stored: ...


def source_of(model: Any, who: Principal) -> Source:
    """The source that a request's `model` names. A body is checked word by word, and kept, at once.

    Raises RefusedInput for a body that is no model, NotFound for an upload that has no such id.
    """
    if isinstance(model, dict) and list(model) == [UPLOAD]:
        return _OfUpload(_upload_id(model[UPLOAD]))
    kind, content = statement_of(model)
    return _OfBody(object_store.store_model(who.tenant_id, kind, content))


@dataclass(frozen=True, slots=True)
class _OfBody:
    kept: Mapping[str, str]

    @property
    def stated(self) -> Mapping[str, Any]:
        return {"model_sha256": self.kept["sha256"], "model_format": self.kept["format"]}

    def stored(self, connection: Connection) -> Stored:  # noqa: ARG002  # what was sent along needs no look-up
        return Stored(self.kept)


@dataclass(frozen=True, slots=True)
class _OfUpload:
    upload_id: UUID

    @property
    def stated(self) -> Mapping[str, Any]:
        return {"model_upload_id": str(self.upload_id)}

    def stored(self, connection: Connection) -> Stored:
        """Of this upload the very version that was looked at. Raises NotFound, Conflict, RefusedInput."""
        upload = records.get_upload(connection, self.upload_id)
        if upload.status in {"rejected", "aborted"}:
            raise Conflict(
                what=f"The upload {upload.id} was {upload.status} and cannot be run. Upload the model again."
            )
        if upload.kind == records.WORKBOOK or upload.dataset_id is not None:
            wrong = f"{upload.filename} is a workbook: make a scenario of its dataset, and run that."
            raise RefusedInput([Problem(wrong, "not_a_model", column=f"model.{UPLOAD}")], code="NOT_A_MODEL")
        if upload.status != records.LOADED or upload.model is None:
            raise Conflict(what=f"The upload {upload.id} is {upload.status}; run it once it is {records.LOADED}.")
        params = {
            "key": upload.key,
            "version": upload.version_id,
            "format": upload.model["format"],
            "packed": upload.model["packed"],
            UPLOAD: str(upload.id),
            "filename": upload.filename,
        }
        return Stored(params, upload.correlation_id)


def _upload_id(stated: Any) -> UUID:
    if not isinstance(stated, str):
        raise RefusedInput([Problem("An upload's id is a text.", "type", column=f"model.{UPLOAD}")])
    try:
        return UUID(stated)
    except ValueError:
        raise NotFound(what="upload", id=stated[:100]) from None
