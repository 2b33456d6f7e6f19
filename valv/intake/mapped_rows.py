"""One row of an older archive's table as an arrival."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from valv.core.answers import is_set
from valv.core.consent import denies_recording
from valv.core.email_bodies import refuse_body
from valv.core.errors import Malformed
from valv.core.interaction import (
    Arrival,
    General,
    Media,
    RecordingPart,
    SurveyAnswer,
    decoded,
)
from valv.core.moments import format_moment
from valv.intake.mapping import Cell, Map, moment_from, seconds_from

PARTY = ("phone", "email", "name", "handle")
PLAIN = ("queue", "outcome", "subject", "url")
LENGTHS = ("wait_seconds", "talk_seconds")
WORDS = ("media", "direction")


def arrival_from(made: Map, row: Mapping[str, Cell], *, zone: ZoneInfo) -> Arrival:
    """Read a row by the map. Raises Malformed, naming our field, and Refused."""
    told = {name: text for name in _fields(made) if (text := _text(made, row, name))}
    started_at = _moment(made, row, "started_at", zone=zone)
    if "session_id" not in told or started_at is None:
        raise Malformed("The row lacks a session id or a start.", field="started_at")
    general = _general(made, row, told, zone=zone)
    _refuse_letter(made, row, general)
    return Arrival(
        session_id=told["session_id"],
        general=decoded({**general, "started_at": started_at}, General),
        recordings=_recordings(made, told),
        survey=_survey(told),
        recording_refused=denies_recording(told),
    )


def _refuse_letter(
    made: Map, row: Mapping[str, Cell], general: Mapping[str, Any]
) -> None:
    """Raises Refused (``email_body``): what a column is called counts, too."""
    media = next((one for one in Media if one == general.get("media")), None)
    headings = {*made.columns.values(), *made.variables.values()}
    named = {heading: text_of(row.get(heading, "")) for heading in headings}
    refuse_body({**named, **general.get("variables", {})}, media=media)


def _fields(made: Map) -> list[str]:
    return [*made.columns, *made.constants]


def _cell(made: Map, row: Mapping[str, Cell], field: str) -> Cell:
    heading = made.columns.get(field)
    return made.constants.get(field, "") if heading is None else row.get(heading, "")


def _text(made: Map, row: Mapping[str, Cell], field: str) -> str:
    text = text_of(_cell(made, row, field))
    return made.values.get(field, {}).get(text, text)


def text_of(cell: Cell) -> str:
    """A cell as text; a whole number has no decimals, as a spreadsheet shows it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _moment(
    made: Map, row: Mapping[str, Cell], field: str, *, zone: ZoneInfo
) -> datetime | None:
    cell = _cell(made, row, field)
    if not text_of(cell):
        return None
    return moment_from(made, cell, zone=zone, field=field)


def _general(
    made: Map, row: Mapping[str, Cell], told: Mapping[str, str], *, zone: ZoneInfo
) -> dict[str, Any]:
    general: dict[str, Any] = {n: told[n] for n in PLAIN if n in told}
    general |= {name: told[name].lower() for name in WORDS if name in told}
    for name in LENGTHS:
        if name in told:
            general[name] = seconds_from(_cell(made, row, name), field=name)
    ended_at = _moment(made, row, "ended_at", zone=zone)
    if ended_at is not None:
        general["ended_at"] = format_moment(ended_at)
    party = {name: told[name] for name in PARTY if name in told}
    if party:
        general["identifiers"] = party
    if "agent" in told or "agent_name" in told:
        general["agents"] = [_agent(told)]
    if "topic" in told:
        topic = {"topic": told["topic"], "category": told.get("category")}
        general["registration"] = [topic]
    if "restricted" in told:
        general["restricted"] = is_set(told["restricted"])
    variables = {
        name: text
        for name, heading in made.variables.items()
        if (text := text_of(row.get(heading, "")))
    }
    return {**general, "variables": variables} if variables else general


def _agent(told: Mapping[str, str]) -> dict[str, str]:
    name = told.get("agent_name", told.get("agent", ""))
    return {"id": told.get("agent", name), "name": name}


def _recordings(made: Map, told: Mapping[str, str]) -> tuple[RecordingPart, ...]:
    names = told.get("recording", "").split(made.recording_separator)
    last = [PurePosixPath(name.strip().replace("\\", "/")).name for name in names]
    return tuple(
        decoded({"n": n, "filename": name}, RecordingPart)
        for n, name in enumerate(filter(None, last), start=1)
    )


def _survey(told: Mapping[str, str]) -> SurveyAnswer | None:
    if "score" not in told and "comment" not in told:
        return None
    score = seconds_from(told["score"], field="score") if "score" in told else None
    return decoded({"score": score, "comment": told.get("comment")}, SurveyAnswer)
