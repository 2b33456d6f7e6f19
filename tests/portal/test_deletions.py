"""Deleting content from its page; the general information stays."""

import re

import pytest

from tests.held import lay_transcript
from tests.portal.spoken import put_chat, tell_call
from tests.portal.visiting import HTMX, Visitor, text_of
from valv.archive.models import Content, Interaction
from valv.core.interaction import ContentKind, ContentState
from valv.core.mentions import FIRST, LAST
from valv.storage import scope
from valv.tenants.models import Tenant, User

DELETED = ContentState.DELETED.number


@pytest.fixture
def call(acme: Tenant) -> str:
    return tell_call(acme)


@pytest.fixture
def alma_visits(alma: User) -> Visitor:
    return Visitor().enters(alma)


def recording(call: str) -> str:
    return f"/interactions/{call}/recordings/1/delete"


def delete(visitor: Visitor, path: str, reason: str = "Kunden bad om det") -> int:
    answer = visitor.post(path, reason=reason, confirmed="yes")
    return int(answer.status_code)


def states(tenant: Tenant) -> dict[str, int]:
    with scope.reading(tenant.id):
        return {
            ContentKind.numbered(c.kind).value: c.state for c in Content.objects.all()
        }


def test_it_is_asked_before_anything_goes(
    alma_visits: Visitor, acme: Tenant, call: str
) -> None:
    html = text_of(alma_visits.get(recording(call)))

    assert "Ta bort inspelning 1?" in html
    assert states(acme) == {"recording": ContentState.PRESENT.number}


def test_the_question_fits_a_dialog(alma_visits: Visitor, call: str) -> None:
    html = text_of(alma_visits.get(recording(call), **HTMX))

    assert "Ta bort inspelning 1?" in html
    assert "<html" not in html


def test_a_deletion_keeps_the_general_information(
    alma_visits: Visitor, acme: Tenant, call: str
) -> None:
    assert delete(alma_visits, recording(call)) == 303

    html = text_of(alma_visits.get(f"/interactions/{call}"))
    assert states(acme) == {"recording": DELETED}
    for told in ("Anna Exempel", "Support", "Bo Ek", "Kunden bad om det"):
        assert told in html
    assert "Inspelning 1 har tagits bort." in html
    assert "recordings/1/play" not in html


def test_a_deletion_is_entered_with_its_reason(alma_visits: Visitor, call: str) -> None:
    delete(alma_visits, recording(call))

    (entry,) = alma_visits.entries("delete")
    assert (entry.content, entry.reason) == ("recording:1", "Kunden bad om det")


@pytest.mark.parametrize(
    "fields",
    [
        {"confirmed": "yes"},
        {"reason": "Bad om det"},
        {"confirmed": "yes", "reason": " \0 "},
    ],
)
def test_without_a_reason_or_a_yes_it_is_asked_again(
    alma_visits: Visitor, acme: Tenant, call: str, fields: dict[str, str]
) -> None:
    answer = alma_visits.post(recording(call), **fields)

    assert answer.status_code == 422
    assert "Skriv varför" in text_of(answer)
    assert states(acme) == {"recording": ContentState.PRESENT.number}


def test_a_chat_log_goes_and_the_chat_stays(alma_visits: Visitor, acme: Tenant) -> None:
    chat = put_chat(acme)

    assert delete(alma_visits, f"/interactions/{chat}/delete-chat-log") == 303

    assert states(acme) == {"chat_log": DELETED}
    assert "Anna Exempel" in text_of(alma_visits.get(f"/interactions/{chat}"))


def test_a_transcript_goes_alone(alma_visits: Visitor, acme: Tenant, call: str) -> None:
    lay_transcript(acme, int(call))

    delete(alma_visits, f"/interactions/{call}/transcripts/1/delete")

    assert states(acme)["transcript"] == DELETED
    assert states(acme)["recording"] == ContentState.PRESENT.number


def test_nothing_under_a_hold_is_asked_for_or_goes(
    alma_visits: Visitor, acme: Tenant, call: str
) -> None:
    with scope.writing(acme.id):
        Interaction.objects.update(held=True)

    assert alma_visits.get(recording(call)).status_code == 403
    assert delete(alma_visits, recording(call)) == 403
    assert states(acme) == {"recording": ContentState.PRESENT.number}


def test_what_is_gone_is_gone(alma_visits: Visitor, call: str) -> None:
    delete(alma_visits, recording(call))

    assert alma_visits.get(recording(call)).status_code == 410
    assert delete(alma_visits, recording(call)) == 410


@pytest.mark.parametrize(
    ("reason", "told"),
    [("Ringde från 070-123 45 67", "Ringde från "), ("anna@example.com", "")],
)
def test_whom_a_reason_names_is_kept_by_reference(
    alma_visits: Visitor, acme: Tenant, call: str, reason: str, told: str
) -> None:
    answer = alma_visits.post(recording(call), reason=reason, confirmed="yes")

    assert answer.status_code == 303
    with scope.reading(acme.id):
        kept = Content.objects.get().removed_reason
    assert re.sub(f"{FIRST}[0-9]+{LAST}", "", kept, count=1) == told
    assert FIRST in kept
