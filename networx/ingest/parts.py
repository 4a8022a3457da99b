"""The few small parts of a workbook that say what it is: its type, its sheets and whether they show, its epoch."""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ElementTree  # document types are refused before parsing
import zipfile
from dataclasses import dataclass
from typing import Literal, cast

from networx.ingest.archive import small_part
from networx.ingest.refusals import Refusal, damaged, refuse

SheetState = Literal["visible", "hidden", "veryHidden"]
_CONTENT_TYPES = "[Content_Types].xml"
_SAVE_AS = "Save it as .xlsx and upload that."


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One tab: its name, whether it shows, whether it holds cells, and the part that holds it."""

    name: str
    state: SheetState
    holds_cells: bool
    part: str


def require_workbook(archive: zipfile.ZipFile) -> None:
    """Return if the archive is an .xlsx; raise RefusedInput saying what it is instead."""
    names = set(archive.namelist())
    if _CONTENT_TYPES not in names:
        what = "an OpenDocument file" if "mimetype" in names else "an archive that holds no workbook of its own"
        code = Refusal.NOT_SUPPORTED_YET if "mimetype" in names else Refusal.NOT_A_WORKBOOK
        raise refuse(code, f"The file is {what}. Upload the Excel workbook itself, as .xlsx.")
    types = " ".join(
        element.get("ContentType", "") for element in _parse(_CONTENT_TYPES, small_part(archive, _CONTENT_TYPES))
    ).lower()
    if "ms-excel.sheet.binary" in types:
        raise refuse(Refusal.NOT_SUPPORTED_YET, f"The workbook is binary (.xlsb), which is not read yet. {_SAVE_AS}")
    if "macroenabled" in types:
        raise refuse(Refusal.MACROS, "The workbook is made for macros, which are never run here. Save it as .xlsx.")
    if "spreadsheetml.sheet.main" not in types and "spreadsheetml.template.main" not in types:
        raise refuse(Refusal.NOT_A_WORKBOOK, f"The file is an Office document, but not an Excel workbook. {_SAVE_AS}")


def sheets_of(archive: zipfile.ZipFile) -> tuple[tuple[SheetEntry, ...], bool]:
    """The tabs in their order, and whether dates count from 1904. Raises RefusedInput where the parts disagree."""
    workbook_part = _workbook_part(archive)
    workbook = _parse(workbook_part, small_part(archive, workbook_part))
    folder = posixpath.dirname(workbook_part)
    relations = posixpath.join(folder, "_rels", posixpath.basename(workbook_part) + ".rels")
    targets = {
        relation.get("Id", ""): (relation.get("Type", ""), _resolve(folder, relation.get("Target", "")))
        for relation in _parse(relations, small_part(archive, relations))
    }
    entries: list[SheetEntry] = []
    for element in (child for child in workbook.iter() if _local(child.tag) == "sheet"):
        name = element.get("name", "")
        relation_id = next((value for key, value in element.attrib.items() if key.endswith("relationships}id")), "")
        kind, part = targets.get(relation_id, ("", ""))
        state = element.get("state", "visible")
        if part not in archive.NameToInfo or not name or state not in ("visible", "hidden", "veryHidden"):
            raise damaged(f"its sheet {name} points nowhere")
        entries.append(SheetEntry(name, cast(SheetState, state), kind.endswith("/worksheet"), part))
    epoch = [child.get("date1904", "0") for child in workbook.iter() if _local(child.tag) == "workbookPr"]
    return tuple(entries), any(value in ("1", "true", "on") for value in epoch)


def _workbook_part(archive: zipfile.ZipFile) -> str:
    for relation in _parse("_rels/.rels", small_part(archive, "_rels/.rels")):
        if relation.get("Type", "").endswith("/officeDocument"):
            return _resolve("", relation.get("Target", ""))
    raise damaged("it does not say where its workbook is")


def _resolve(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


def _parse(name: str, content: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(content)  # noqa: S314  # without a document type there are no entities to expand
    except ElementTree.ParseError as error:
        raise damaged(f"its part {name} is not well-formed", error) from error


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
