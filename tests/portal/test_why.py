"""Why a recording or chat log is there, waits or is not: its rule, in words."""

from typing import Any

import pytest

from tests.intake.asking import Source, event
from tests.intake.test_decisions import CALL, CONSENT, END, FORCED, MANUAL, PENDING
from tests.intake.test_decisions import lay as lay_rules
from tests.intake.test_decisions import record as put_recording
from tests.portal.visiting import Visitor, text_of
from valv.tenants.models import Tenant, User

pytestmark = pytest.mark.django_db(transaction=True)
STARTED = event(7, "recording.requested", action="start", agent="a7", informed=True)
CHAT = (
    event(0, "session.started", media="chat"),
    event(1, "chat.message", from_="customer", text="Hej"),
)


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


def why(user: User, source: Source) -> str:
    html = text_of(Visitor().enters(user).get(f"/interactions/{source.id_of('S1')}"))
    blocks = html.split('<div class="why">')[1:]
    return "".join(" ".join(one.split("</div>")[0].split()) for one in blocks)


def told(source: Source, *events: Any, rule: dict[str, str], **settings: Any) -> None:
    lay_rules(source, rule, **settings)
    source.tell(*CALL, *events)
    put_recording(source)


def test_a_kept_recording_says_its_rule_its_version_and_the_consent(
    alma: User, source: Source
) -> None:
    told(source, CONSENT, END, rule=FORCED, consent_needed=True)

    said = why(alma, source)

    assert "Sparad:" in said
    assert "En regel säger att samtalet ska spelas in." in said
    assert "version 1 av inspelningsreglerna" in said
    assert "Samtycke: " in said


def test_a_refused_recording_names_the_rule(alma: User, source: Source) -> None:
    told(source, END, rule=PENDING)

    said = why(alma, source)

    assert "Inte sparad:" in said
    assert "Agenten har inte sparat inspelningen." in said
    assert "not_saved" in said
    assert "version 1 av inspelningsreglerna" in said


def test_a_recording_that_waits_says_for_what(alma: User, source: Source) -> None:
    told(source, rule=FORCED, consent_needed=True)

    said = why(alma, source)

    assert "Väntar på beslut:" in said
    assert "Det samtycke som krävs har inte getts." in said


def test_what_the_agent_did_not_tell_is_shown_as_unknown(
    alma: User, source: Source
) -> None:
    told(source, STARTED, END, rule=MANUAL)

    said = why(alma, source)

    assert "Om uppringaren var informerad: ja" in said
    assert "Om uppringaren godkände: okänt" in said


def test_without_rules_it_says_that_there_were_none(alma: User, source: Source) -> None:
    source.tell(*CALL, END)
    put_recording(source)

    assert "Inga inspelningsregler var beslutade." in why(alma, source)


def test_a_refusal_is_said_in_the_log_by_its_rule(alma: User, source: Source) -> None:
    told(source, END, rule=PENDING)

    html = text_of(Visitor().enters(alma).get("/audit-log"))

    assert "nekades av en regel: Agenten har inte sparat inspelningen." in html


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((END,), "Chattaren nekade inte att chatten lagras."),
        ((event(2, "chat.storage_refused"), END), "Chattaren godkände inte"),
    ],
)
def test_a_chat_log_says_why_it_is_there_or_not(
    alma: User, source: Source, more: Any, says: str
) -> None:
    source.tell(*CHAT, *more)

    assert says in why(alma, source)
