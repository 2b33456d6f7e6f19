"""Seeing and taking out chat logs, transcripts and recordings."""

from io import BytesIO

import pytest

from tests.held import lay_transcript
from tests.portal.spoken import put_chat, tell_call
from tests.portal.visiting import Visitor, text_of
from valv.archive.models import Interaction
from valv.intake.audio import examine
from valv.storage import scope
from valv.tenants.models import Tenant, User


@pytest.fixture
def chat(acme: Tenant) -> str:
    return put_chat(acme)


@pytest.fixture
def call(acme: Tenant) -> str:
    return tell_call(acme)


@pytest.fixture
def reader(alma: User) -> Visitor:
    return Visitor().enters(alma)


def test_a_chat_log_is_shown_with_names_and_entered(reader: Visitor, chat: str) -> None:
    html = text_of(reader.asks(f"/interactions/{chat}/chat-log/see"))

    assert "Var är min order?" in html
    assert "Anna Exempel" in html
    assert "Bo Ek" in html
    (entry,) = reader.entries("see")
    assert (str(entry.interaction_id), entry.content) == (chat, "chat_log:1")


def test_of_one_forgotten_the_log_names_the_role(
    reader: Visitor, acme: Tenant, chat: str
) -> None:
    with scope.writing(acme.id):
        Interaction.objects.update(name_id=None)

    html = text_of(reader.asks(f"/interactions/{chat}/chat-log/see"))

    assert "Anna" not in html
    assert "Slutkund" in html


def test_without_script_the_page_comes_with_the_log(reader: Visitor, chat: str) -> None:
    html = text_of(reader.post(f"/interactions/{chat}/chat-log/see"))

    assert "<html" in html
    assert "Den kommer i morgon." in html


def test_a_chat_log_is_taken_out_as_xml_and_as_text(reader: Visitor, chat: str) -> None:
    as_xml = reader.post(f"/interactions/{chat}/chat-log/xml")
    as_text = reader.post(f"/interactions/{chat}/chat-log/txt")

    assert text_of(as_xml).count("<message ") == 2
    assert "Var är min order?" in text_of(as_text)
    assert as_xml["Content-Disposition"].endswith('chat-1_chat.xml"')
    assert [e.content for e in reader.entries("download")] == ["chat_log:1"] * 2


def test_there_is_no_other_form(reader: Visitor, chat: str) -> None:
    assert reader.post(f"/interactions/{chat}/chat-log/exe").status_code == 404
    assert reader.entries("download") == []


def test_a_recording_is_taken_out_as_mp3(reader: Visitor, call: str) -> None:
    answer = reader.post(f"/interactions/{call}/recordings/1/mp3")

    assert answer["Content-Type"] == "audio/mpeg"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer.getvalue()[0] == 0xFF
    (entry,) = reader.entries("download")
    assert entry.content == "recording:1"


def test_what_is_kept_as_it_came_is_taken_out_as_mp3_too(
    reader: Visitor, acme: Tenant
) -> None:
    Tenant.objects.filter(id=acme.id).update(keep_original_audio=True)
    acme.refresh_from_db()
    call = tell_call(acme)

    html = text_of(reader.get(f"/interactions/{call}"))
    answer = reader.post(f"/interactions/{call}/recordings/1/mp3")
    facts = examine(BytesIO(answer.getvalue()), channels=None)

    assert f"/interactions/{call}/recordings/1/mp3" in html
    assert answer["Content-Type"] == facts.media_type == "audio/mpeg"
    assert answer["Content-Disposition"].endswith('_1.mp3"')
    assert facts.seconds == pytest.approx(2, abs=0.2)
    assert [entry.content for entry in reader.entries("download")] == ["recording:1"]


def test_a_transcript_is_shown_and_entered(
    reader: Visitor, acme: Tenant, call: str
) -> None:
    lay_transcript(acme, int(call))

    html = text_of(reader.asks(f"/interactions/{call}/transcripts/1/see"))

    assert "Hej" in html
    assert "1:02" in html
    (entry,) = reader.entries("see")
    assert entry.content == "transcript:1"


def test_one_who_may_hear_but_not_take_out_has_no_such_button(
    acme: Tenant, call: str
) -> None:
    from tests.cast import OPERATOR, PASSWORD
    from valv.core.permissions import Right
    from valv.tenants.operations import create_user

    user = create_user(
        acme, email="eva@acme.example", password=PASSWORD, actor=OPERATOR,
        rights=[Right.SEE, Right.PLAY], now=acme.created_at,
    )  # fmt: skip
    visitor = Visitor().enters(user)

    html = text_of(visitor.get(f"/interactions/{call}"))

    assert "/play" in html
    assert "/mp3" not in html
    assert visitor.post(f"/interactions/{call}/recordings/1/mp3").status_code == 403
