"""Law 7: one canary person, planted in every place, is afterwards found in none.

Under a number in five spellings, an address in two, a name and a handle, among what
others said of them. A control finds all of it before; then every byte that is kept is
looked through as it lies and as living keys open it, and every list is asked.
"""

import json
from typing import Any

import pytest

from tests.cast import OPERATOR
from tests.intake.asking import Source, event
from tests.laws.canary import places_of_any
from tests.laws.laying import SOUND, ago, living
from tests.portal.visiting import Visitor
from valv.archive.models import (
    ChatCopy,
    ChatPart,
    Consent,
    Interaction,
    OtherParty,
    RawEvent,
    StoredSearch,
    Survey,
)
from valv.audit import searches
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.audit.verify import verify
from valv.core.moments import format_moment
from valv.jobs.command import OK, main
from valv.storage import scope
from valv.tenants.models import User

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERS = [
    "0739876543",
    "073-987 65 43",
    "+46 73 987 65 43",
    "0046739876543",
    "011 46 739876543",
]
ADDRESSES = ["kanarie@burfageln.example", "Kanarie@Burfageln.EXAMPLE"]
NAME, HANDLE = "Kanarina Burfågel", "@burkanarie"
WRITTEN = "kvittrar om burpinnen"
NORMAL = "+46739876543"
PLANTED = [*NUMBERS, *ADDRESSES, NAME, HANDLE, WRITTEN, NORMAL, "739876543"]
SWITCHBOARD, OTHER = "+46812345678", "annan@example.com"
START = format_moment(ago(1))
POINTING: dict[Any, tuple[str, ...]] = {
    Interaction: ("phone_id", "email_id", "name_id", "handle_id", "text"),
    OtherParty: ("identifier_id",),
    Survey: ("comment",),
    Consent: ("sealed",),
    RawEvent: ("body",),
    ChatPart: ("sealed",),
    StoredSearch: ("sealed",),
}


@pytest.fixture
def source(acme: Any) -> Source:
    return Source.of(acme)


def plant(source: Source) -> None:
    """The person in every place that a source reaches."""
    for number, written in enumerate(NUMBERS):
        plant_call(source, f"call-{number}", written)
    for number, address in enumerate(ADDRESSES):
        plant_chat(source, f"chat-{number}", address)
    party = {"handle": HANDLE, "phone": SWITCHBOARD}
    source.put("social", started_at=START, media="social", identifiers=party)
    source.put(
        "beside",
        started_at=START,
        identifiers={"email": OTHER},
        others=[{"phone": NUMBERS[2], "name": NAME}],
    )


def plant_call(source: Source, session: str, written: str) -> None:
    party = {"phone": written, "name": NAME}
    said = f"{NAME} {written} {WRITTEN}"
    source.tell(
        event(0, "session.started", session=session, media="phone", identifiers=party),
        event(1, "variable.set", session=session, name="note", value=said),
        event(2, "consent.given", session=session, purpose="quality", question=said),
        event(9, "session.ended", session=session),
    )
    source.put(session, started_at=START, subject=said, url=f"https://x.se/{HANDLE}")
    source.put_survey(session, score=3, comment=said, at=START)
    path = f"/interactions/{session}/recordings/1?started_at={START}"
    source.ask("PUT", path, SOUND)


def plant_chat(source: Source, session: str, address: str) -> None:
    party = {"email": address, "name": NAME}
    started = event(
        0, "session.started", session=f"{session}-told", media="chat", identifiers=party
    )
    said = {"from_": "customer", "text": f"{address} {WRITTEN}", "name": NAME}
    source.tell(started, event(1, "chat.message", session=f"{session}-told", **said))
    source.put(session, started_at=START, media="chat", identifiers=party)
    line = {"at": START, "from": "customer", "text": f"{address} {NAME} {WRITTEN}"}
    assert source.put_chat_log(session, [line]).status_code == 201


def plant_beside(source: Source, officer: Visitor) -> None:
    """In what only pages and other acts write: searches, copies, the log."""
    officer.post("/search", phone=NUMBERS[1], name=NAME, period="all")
    with scope.writing(source.tenant.id):
        row = Interaction.objects.get(session_id="chat-0")
        ChatCopy.objects.create(
            interaction_id=row.id, n=1, identifier_id=row.email_id or 0, asked_at=ago(0)
        )
        act = Act(Action.SEND, row.id, identifier_id=row.email_id)
        record(act, actor=OPERATOR, now=ago(0))


def answers(source: Source, officer: Visitor) -> bytes:
    """All that lists, items and pages say of anybody."""
    said = [
        source.ask("GET", path).getvalue()
        for path in (
            "/interactions?limit=500",
            "/raw-events",
            "/surveys",
            "/audit?limit=500",
            *(f"/interactions?phone=*{one[-5:]}" for one in NUMBERS[:1]),
            "/interactions?name=*burf*",
            "/interactions?subject=*kvittrar*",
        )
    ]
    pages = [officer.get(f"/{page}").content for page in ("anonymise", "audit-log")]
    return b"".join([*said, *pages])


def pointing(source: Source) -> set[str]:
    """Columns that point at somebody, or hold sealed words of them, be it in vain."""
    return {
        f"{model._meta.db_table}.{column}"
        for model, columns in POINTING.items()
        for row in source.rows(model)
        for column in columns
        if getattr(row, column)
    }


def test_the_canary_is_found_nowhere(
    source: Source, cleo: User, capfdbinary: Any
) -> None:
    officer = Visitor().enters(cleo)
    plant(source)
    plant_beside(source, officer)
    others = [source.item("beside")["identifiers"], len(living(source.tenant))]
    lying = places_of_any(PLANTED)
    spoken = answers(source, officer)
    assert len(pointing(source)) == sum(map(len, POINTING.values()))
    assert lying.keys() >= {*NUMBERS, ADDRESSES[0], NAME, HANDLE, WRITTEN, NORMAL}
    assert {"identifier.sealed", "interaction.text", "raw_event.body",
            "survey.comment", "consent.sealed", "chat_part.sealed",
            "stored_search.sealed"} <= set.union(*lying.values())  # fmt: skip
    for planted in (NORMAL, ADDRESSES[0], NAME, HANDLE, WRITTEN):
        assert planted.encode() in spoken

    words = ["--phone", NUMBERS[3], "--email", ADDRESSES[1], "--handle", HANDLE]
    code = main(["forget", *words, "--delete-content", "--yes", "--json"], user="root")

    told = json.loads(capfdbinary.readouterr().out)
    assert (code, told["status"], told["matched"]) == (OK, "done", 11)
    assert places_of_any(PLANTED) == {}
    assert pointing(source) == set()
    searches.flush()
    after = answers(source, officer)
    assert [one for one in PLANTED if one.encode() in after] == []
    assert source.item("beside")["anonymised_at"]
    assert others[1] > len(living(source.tenant))
    assert verify(source.tenant.id).ok
