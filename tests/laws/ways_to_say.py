"""Every way in which a text can come into the archive, with it in each field for texts.

A way is given a source, a session of its own, the text, and an empty folder.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import openpyxl  # type: ignore[import-untyped]
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.intake.asking import Source, event
from tests.intake.importing import run
from tests.intake.made import beside, chat_vcon, inline, vcon, written

Say = Callable[[Source, str, str, Path], Any]
START = "2026-11-20T09:00:00Z"
CELLS = ("subject", "url", "comment", "name")
COLUMNS = ("session_id", "started_at", *CELLS)
HEADINGS = [*COLUMNS, "said"]


def url(text: str) -> str:
    return f"https://x.example/?q={quote(text)}"


def general(text: str) -> dict[str, Any]:
    party = {"name": text[:300]}
    return {
        "subject": text, "url": url(text)[:2000], "identifiers": party,
        "variables": {"said": text}, "others": [{**party, "email": "a@x.example"}],
    }  # fmt: skip


def told(source: Source, session: str, text: str, _: Path) -> Any:
    """Events of every type that has a text."""
    start = {k: v for k, v in general(text).items() if k != "others"}
    party = {"name": text[:300], "email": "b@x.example"}
    source.tell(
        event(0, "session.started", session=session, media="chat", **start),
        event(1, "variable.set", session=session, name="told", value=text),
        event(2, "chat.message", session=session, from_="customer", text=text,
              name=text[:300]),
        event(3, "chat.message", session=session, from_="agent", text=text),
        event(4, "consent.given", session=session, purpose="storage", question=text),
        event(5, "survey.answered", session=session, score=3, comment=text),
        event(6, "session.started", session=session, media="chat", identifiers=party),
        event(7, "session.ended", session=session),
    )  # fmt: skip
    pressed = [{"module": "m", "digits": part[:200]} for part in text.split("|")]
    keys = [
        event(20 + n, "digits.entered", session=session, **data)
        for n, data in enumerate(pressed)
    ]
    return source.tell(*keys)


def told_and_open(source: Source, session: str, text: str, _: Path) -> Any:
    """A chat that has not ended: its messages wait."""
    said = {"from_": "customer", "text": text}
    return source.tell(
        event(0, "session.started", session=session, media="chat"),
        event(1, "chat.message", session=session, **said),
    )


def stated(source: Source, session: str, text: str, _: Path) -> Any:
    return source.put(session, started_at=START, **general(text))


def surveyed(source: Source, session: str, text: str, _: Path) -> Any:
    return source.put_survey(session, score=3, comment=text, at=START)


def logged(source: Source, session: str, text: str, _: Path) -> Any:
    lines = [
        {"at": START, "from": sender, "text": text, "name": text[:300]}
        for sender in ("customer", "agent", "bot", "system")
    ]
    return source.put_chat_log(session, lines)


def of_a_call(session: str, text: str, **recording: Any) -> dict[str, Any]:
    """A vCon with the text in all that is read of it, and pressed keys beside."""
    said = [
        {"speaker": "Customer", "message": text},
        {"speaker": "Agent", "text": text},
    ]
    pressed = [
        {"party": 0, "time": START, "event": "keydown", "button": text}
    ]  # fmt: skip
    answer = {"score": 3, "comment": text, "at": START}
    made = vcon(session, recording={**recording, "party_history": pressed})
    made["analysis"][0]["body"] = said
    made["parties"][0]["name"] = text[:300]
    tags = {"type": "tags", "encoding": "json", "body": json.dumps([f"said:{text}"])}
    survey = {"purpose": "survey", "encoding": "json", "body": json.dumps(answer)}
    return made | {"subject": text, "attachments": [survey, tags], "keydown": text}


def of_a_chat(session: str, text: str) -> dict[str, Any]:
    made = chat_vcon(session)
    for dialog in made["dialog"]:
        dialog |= {
            "body": text,
            "party_history": [{"event": "keydown", "button": text}],
        }
    return made | {"subject": text}


def posted(source: Source, session: str, text: str, _: Path) -> Any:
    return source.ask("POST", "/vcons", written(of_a_call(session, text, **inline())))


def posted_chat(source: Source, session: str, text: str, _: Path) -> Any:
    return source.ask("POST", "/vcons", written(of_a_chat(session, text)))


def posted_in_parts(source: Source, session: str, text: str, _: Path) -> Any:
    made = written(of_a_call(session, text, **beside())).decode()
    body = encode_multipart(BOUNDARY, {"vcon": made})
    token = {"Authorization": f"Bearer {source.token}"}
    return source.client.generic(
        "POST", "/api/v1/vcons", body, content_type=MULTIPART_CONTENT, headers=token
    )


def imported(source: Source, session: str, text: str, folder: Path) -> Any:
    """A vCon, raw events, and an older table as text and as a spreadsheet."""
    row = [START, text, url(text)[:2000], text, text[:300], text]
    places = {ending: folder / ending for ending in ("csv", "xlsx", "files")}
    for place in places.values():
        place.mkdir()
    rows = {ending: [HEADINGS, [f"{session}-{ending}", *row]] for ending in places}
    book = openpyxl.Workbook()
    for cells in rows["xlsx"]:
        book.active.append(cells)
    book.save(places["xlsx"] / "table.xlsx")
    (places["csv"] / "table.csv").write_text("".join(map(_csv, rows["csv"])))
    vcon_file = written(of_a_call(f"{session}-file", text, **inline()))
    (places["files"] / "a.json").write_bytes(vcon_file)
    lines = [
        event(0, "session.started", session=f"{session}-lines", media="phone"),
        event(1, "variable.set", session=f"{session}-lines", name="said", value=text),
    ]
    (places["files"] / "b.ndjson").write_bytes(
        b"\n".join(map(msgspec.json.encode, lines))
    )
    maps = {ending: _map(folder, ending) for ending in ("csv", "xlsx")}
    return [run(source.tenant, place, made=maps.get(e)) for e, place in places.items()]


def _csv(cells: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"


def _map(folder: Path, ending: str) -> Path:
    columns = {name: name for name in COLUMNS}
    said = {"table": f"table.{ending}", "columns": columns, "variables": {"s": "said"}}
    path = folder / f"{ending}.json"
    path.write_text(json.dumps(said))
    return path


def wrongly(source: Source, session: str, text: str, _: Path) -> Any:
    """Requests that are refused, each for another reason."""
    broken = written({**of_a_call(session, text), "dialog": text})
    unknown = event(1, "variable.set", session=session, name="x", value=text, more=text)
    long = event(2, "digits.entered", session=session, digits=text * 9)
    return [
        source.put(session, started_at=text, subject=text),
        source.put(session, started_at=START, unheard_of=text),
        source.put(session, started_at=START, url=text),
        source.put_survey(session, score=text, comment=text),
        source.put_chat_log(session, [{"at": START, "from": text, "text": text}]),
        source.tell(unknown, long),
        source.ask("POST", "/vcons", written(of_a_call(session, text))[:-9]),
        source.ask("POST", "/vcons", broken),
        source.ask("POST", "/events", f'{{"event_id": "{text}'.encode()),
    ]  # fmt: skip


WAYS: dict[str, Say] = {
    "events": told, "an open chat": told_and_open, "PUT": stated, "a survey": surveyed,
    "a chat log": logged, "a vCon": posted, "a chat's vCon": posted_chat,
    "a vCon in parts": posted_in_parts, "an import": imported, "errors": wrongly,
}  # fmt: skip
