"""Law 4, tried hard: by every way in, in any order, whatever medium is claimed later.

An interaction is once said to be an e-mail or e-task. Letters come before and after, by
any way that could carry one, and other media are claimed for it. In the end nothing of
a letter lies anywhere, and what came once the medium was known was refused whole.
"""

import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.intake.asking import Source, event
from tests.intake.importing import lay, run
from tests.intake.made import SOUND, inline, vcon, written
from tests.laws.canary import places_of
from valv.archive.models import Content, Interaction
from valv.audit.models import Entry
from valv.core.interaction import ContentState

pytestmark = pytest.mark.django_db(transaction=True)
START = "2026-11-20T09:00:00Z"
LETTER = "Dear Sir quagga-5518"
Way = Callable[[Source, str], Any]
_numbers = count(1)
few = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def told(number: int, type_: str, **data: object) -> Way:
    return lambda source, session: source.tell(
        event(number, type_, session=session, **data)
    )


def put(**fields: object) -> Way:
    return lambda source, session: source.put(session, started_at=START, **fields)


def posted(**changes: Any) -> Way:
    def bring(source: Source, session: str) -> Any:
        made = vcon(session, **{"transcript": False, **changes})
        return source.ask("POST", "/vcons", written(made))

    return bring


def text_dialog(**more: Any) -> dict[str, Any]:
    dialog = {"type": "text", "start": START, "parties": [0], "mediatype": "text/plain"}
    return {**dialog, "encoding": "none", "body": LETTER, **more}


def logged(source: Source, session: str) -> Any:
    return source.put_chat_log(
        session, [{"at": START, "from": "customer", "text": LETTER}]
    )


def recorded(source: Source, session: str) -> Any:
    return source.ask("PUT", f"/interactions/{session}/recordings/1", SOUND)


MAP = """
table = "t.csv"
[columns]
session_id = "Id"
started_at = "Start"
media = "Media"
subject = "Subject"
[variables]
{name} = "{heading}"
"""


def mapped(name: str, heading: str, media: str = "email") -> Way:
    def bring(source: Source, session: str) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "map.toml"
            made.write_text(MAP.format(name=name, heading=heading), encoding="utf-8")
            row = f"{session},{START},{media},Late,{LETTER}"
            table = f"Id,Start,Media,Subject,{heading}\n{row}\n"
            place = lay(Path(folder) / "in", t__csv=table.encode())
            return run(source.tenant, place, made=made)

    return bring


LETTERS: dict[str, Way] = {
    "a chat log": logged,
    "a recording": recorded,
    "a variable": put(variables={"Body-Text": LETTER}),
    "a variable of a page": put(variables={"note": f"<html><body>{LETTER}"}),
    "an event's variable": told(5, "variable.set", name="mail.body", value=LETTER),
    "a message": told(6, "chat.message", from_="customer", text=LETTER),
    "a chat's vCon": posted(dialog=[text_dialog()]),
    "a call's vCon": posted(recording=inline(), transcript=True),
    "an e-mail's vCon": posted(dialog=[text_dialog(mediatype="message/rfc822")]),
    "a vCon by its message id": posted(dialog=[text_dialog(message_id="<a@b.se>")]),
    "a vCon with one letter in it": posted(
        dialog=[text_dialog(body="Hi"), text_dialog(mediatype="multipart/mixed")]
    ),
    "a table's column": mapped("note", "Body"),
    "a table's variable": mapped("body", "Anything"),
}  # fmt: skip
NO_LETTER = {"type": "incomplete", "start": START, "interaction_type": "email"}
SAYING: dict[str, Way] = {
    "general information": put(media="email"),
    "an e-task": put(media="etask"),
    "an event": told(0, "session.started", media="email"),
    "a later start": told(9, "session.started", media="etask"),
    "a vCon": posted(dialog=[NO_LETTER]),
}
OTHERWISE: dict[str, Way] = {
    "general information": put(media="chat"),
    "a call": put(media="phone"),
    "an event": told(1, "session.started", media="chat"),
    "the end": told(20, "session.ended"),
}


def is_refused(answer: Any) -> bool:
    """Whether a request, a line or a row was refused by the rule."""
    if isinstance(answer, dict):
        rules = msgspec.to_builtins(answer["refused"])
        return [one["rule"] for one in rules] == ["email_body"]
    return (answer.status_code, answer.json().get("rule")) == (403, "email_body")


def told_of(item: dict[str, Any]) -> dict[str, Any]:
    """All but the tombstone that says of a message why it is not there."""
    states = [one["state"] for one in item["contents"]]
    assert set(states) <= {"refused"}
    return {name: value for name, value in item.items() if name != "contents"}


@pytest.mark.parametrize("saying", ["general information", "a later start"])
@pytest.mark.parametrize("letter", LETTERS)
def test_what_comes_once_it_is_known_is_refused_whole(
    source: Source, saying: str, letter: str
) -> None:
    if saying == "a later start":
        source.tell(event(0, "session.started", media="phone"))
    SAYING[saying](source, "S1")
    before = source.item("S1")

    answer = LETTERS[letter](source, "S1")

    assert is_refused(answer)
    assert told_of(source.item("S1")) == told_of(before)
    assert source.rows(Entry, action="refuse")[-1].details == {"rule": "email_body"}


@pytest.mark.parametrize("otherwise", OTHERWISE)
@pytest.mark.parametrize("saying", ["an e-task", "an event", "a vCon"])
def test_no_later_word_makes_it_take_a_letter(
    source: Source, saying: str, otherwise: str
) -> None:
    SAYING[saying](source, "S1")
    OTHERWISE[otherwise](source, "S1")

    assert is_refused(logged(source, "S1"))
    assert is_refused(LETTERS["a chat's vCon"](source, "S1"))
    assert is_refused(LETTERS["a message"](source, "S1"))
    assert is_refused(LETTERS["a variable"](source, "S1"))


@few
@given(data=st.data())
def test_in_any_order_nothing_of_a_letter_is_left(
    source: Source, data: st.DataObject
) -> None:
    pick = st.sampled_from
    steps = [SAYING[data.draw(pick(sorted(SAYING)))]]
    steps += [
        LETTERS[n] for n in data.draw(st.lists(pick(sorted(LETTERS)), max_size=4))
    ]
    steps += [
        OTHERWISE[n] for n in data.draw(st.lists(pick(sorted(OTHERWISE)), max_size=2))
    ]
    session = f"L{next(_numbers)}"

    for step in data.draw(st.permutations(steps)):
        step(source, session)

    assert places_of("quagga-5518") == set()
    (row,) = source.rows(Interaction, session_id=session)
    present = ContentState.PRESENT.number
    assert source.rows(Content, interaction_id=row.id, state=present) == []
