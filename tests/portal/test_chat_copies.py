"""Sending a copy of a chat from its page: asked once more, and only where it may be."""

import pytest
from pytest_django import Settings

from tests.held import lay_chat_log, lay_interaction
from tests.peers.smtp import Mailbox
from tests.portal.spoken import put_chat
from tests.portal.visiting import Visitor, text_of
from valv.core.interaction import Media
from valv.tenants.models import Tenant, User


@pytest.fixture
def visitor(alma: User) -> Visitor:
    return Visitor().enters(alma)


def test_it_is_sent_to_whom_one_confirms(
    visitor: Visitor, acme: Tenant, mailbox: Mailbox
) -> None:
    chat = put_chat(acme)
    place = f"/interactions/{chat}/copy-chat-log"
    assert place in text_of(visitor.get(f"/interactions/{chat}"))
    assert 'value="anna@example.com"' in text_of(visitor.get(place))

    visitor.post(place, address="anna@example.com")

    assert mailbox.to == ["anna@example.com"]
    page = text_of(visitor.get(f"/interactions/{chat}"))
    assert "Kopior med e-post" in page
    assert "skickade en kopia av chattloggen" in page


def test_what_is_no_address_is_asked_for_again(
    visitor: Visitor, acme: Tenant, mailbox: Mailbox
) -> None:
    answer = visitor.post(f"/interactions/{put_chat(acme)}/copy-chat-log", address="x")

    assert answer.status_code == 422
    assert "Skriv en e-postadress." in text_of(answer)
    assert mailbox.mails == []


def test_what_fails_is_said(visitor: Visitor, acme: Tenant, mailbox: Mailbox) -> None:
    chat, mailbox.answer = put_chat(acme), "554 no"

    answer = visitor.post(f"/interactions/{chat}/copy-chat-log", address="a@b.example")

    assert "kunde inte skickas" in text_of(visitor.get(answer["Location"]))


def test_without_a_mail_server_there_is_no_button(
    visitor: Visitor, acme: Tenant, settings: Settings
) -> None:
    settings.VALV_MAIL_SERVER = None
    chat = put_chat(acme)

    assert "copy-chat-log" not in text_of(visitor.get(f"/interactions/{chat}"))


def test_a_restricted_one_is_sent_for_a_purpose_alone(
    visitor: Visitor, acme: Tenant, mailbox: Mailbox
) -> None:
    chat = lay_interaction(acme, media=Media.CHAT, restricted=True)
    lay_chat_log(acme, chat)
    place = f"/interactions/{chat}/copy-chat-log"
    to = {"address": "a@b.example"}

    assert visitor.post(place, **to).status_code == 403
    assert visitor.post(place, **to, purpose="quality").status_code == 403
    assert visitor.post(place, **to, purpose="legal").status_code == 303
    assert len(mailbox.mails) == 1
    assert visitor.entries("send")[0].details == {"purpose": "legal"}


def test_one_without_the_right_to_download_may_not(
    bo: User, acme: Tenant, mailbox: Mailbox
) -> None:
    chat, bo_visits = put_chat(acme), Visitor().enters(bo)

    answer = bo_visits.post(f"/interactions/{chat}/copy-chat-log", address="a@b.se")

    assert answer.status_code == 403
    assert mailbox.mails == []
