"""Law 2, and the copy by e-mail: offered where storage was accepted, kept nowhere.

A real mail server takes them. Afterwards neither the log nor the address lies anywhere
in plain, and it says on the interaction and in the log that a copy went, when and to
whom, for as long as the person is known.
"""

import logging
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from pytest_django import Settings

from tests.intake.asking import Source, event
from tests.laws.canary import places_of
from tests.laws.laying import ago, told
from tests.laws.test_every_act_is_entered import a_log_that_cannot_be_written
from tests.peers.smtp import HERE, Mailbox
from valv.archive.identifiers import raise_epoch
from valv.archive.models import ChatCopy, Identifier
from valv.audit.models import Entry
from valv.core.mail_server import mail_server_from
from valv.lifecycle import nightly
from valv.storage import keys, scope
from valv.storage.keys import KeyKind

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "My secret is axolotl-3310 <b>&"
OWN, OTHER = "kim-7781@example.com", "other-7782@example.org"
START = event(0, "session.started", media="chat", identifiers={"email": OWN})
MESSAGE = event(1, "chat.message", from_="customer", text=TEXT)
REFUSAL = event(2, "chat.storage_refused")
END = event(9, "session.ended")


def ask(source: Source, session: str = "S1", **body: object) -> Any:
    path = f"/interactions/{session}/chat-copy"
    return source.ask("POST", path, msgspec.json.encode(body) if body else b"")


def test_an_accepted_chat_is_sent_to_its_own_address(
    source: Source, mailbox: Mailbox
) -> None:
    source.tell(START, MESSAGE, END)

    answer = ask(source)

    assert answer.status_code == 201
    (mail,) = mailbox.mails
    assert mailbox.to == [OWN]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@acme.example>")
    assert "kim" not in mail["Message-ID"] + mail["Subject"]
    assert mail["Content-Language"] == "sv"
    text = mail.get_body(("plain",))
    html = mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert TEXT in text.get_content()
    assert "axolotl-3310 &lt;b&gt;&amp;" in html.get_content()


def test_that_it_went_when_and_to_whom_is_on_the_interaction_and_in_the_log(
    source: Source, mailbox: Mailbox
) -> None:
    source.tell(START, MESSAGE, END)

    ask(source, address=OTHER)

    (copy,) = source.item("S1")["copies"]
    assert (copy["to"], copy["sent_at"] is not None) == (OTHER, True)
    (entry,) = source.rows(Entry, action="send")
    assert entry.content == "chat_log:1"
    assert entry.identifier_id == source.rows(ChatCopy)[0].identifier_id
    assert OTHER not in str(entry.details) + entry.reason


def test_a_chat_whose_storage_was_refused_has_no_copy(
    source: Source, mailbox: Mailbox
) -> None:
    source.tell(START, MESSAGE, REFUSAL, END)

    answer = ask(source)

    assert (answer.status_code, answer.json()["rule"]) == (403, "storage_refused")
    assert mailbox.mails == []
    assert source.rows(ChatCopy) == []
    assert {e.details["rule"] for e in source.rows(Entry, action="refuse")} == {
        "storage_refused"
    }


def test_a_refusal_after_a_copy_stops_the_next(
    source: Source, mailbox: Mailbox
) -> None:
    source.tell(START, MESSAGE, END)
    ask(source)

    source.tell(REFUSAL)

    assert ask(source).status_code == 403
    assert len(mailbox.mails) == 1


def test_to_one_address_it_goes_once(source: Source, mailbox: Mailbox) -> None:
    source.tell(START, MESSAGE, END)

    asked = [ask(source), ask(source), ask(source, address=OTHER), ask(source)]

    assert [answer.status_code for answer in asked] == [201, 200, 201, 200]
    assert asked[0].json() == asked[1].json() == asked[3].json()
    assert mailbox.to == [OWN, OTHER]
    assert len(source.rows(Entry, action="send")) == 2


def test_before_its_end_there_is_nothing_to_send(
    source: Source, mailbox: Mailbox
) -> None:
    source.tell(START, MESSAGE)

    assert ask(source).status_code == 409
    assert mailbox.mails == []


def test_a_log_that_was_deleted_is_not_sent(source: Source, mailbox: Mailbox) -> None:
    source.tell(START, MESSAGE, END)
    source.ask("DELETE", f"/interactions/{source.id_of('S1')}/chat-log")

    assert ask(source).status_code == 410
    assert ask(source, session="nowhere").status_code == 404
    assert mailbox.mails == []


def test_nothing_of_it_lies_in_plain_anywhere(
    source: Source, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    source.tell(START, MESSAGE, END)
    caplog.set_level(logging.DEBUG)

    ask(source, address=OTHER)

    assert places_of("other-7782") == {"identifier.sealed"}
    assert {place.rpartition(".")[2] for place in places_of("axolotl-3310")} == {
        "chat_log"
    }
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("valv")]
    assert "7782" not in " ".join(ours)


@pytest.mark.parametrize(
    ("answers", "status"), [("451 later", 503), ("554 no", 502), ("552 full", 502)]
)
def test_what_fails_is_told_entered_and_not_queued(
    source: Source, mailbox: Mailbox, answers: str, status: int
) -> None:
    source.tell(START, MESSAGE, END)
    mailbox.answer = answers

    answer = ask(source, address=OTHER)

    assert answer.status_code == status
    assert "7782" not in answer.content.decode()
    assert [e.details for e in source.rows(Entry, action="send")][-1] == {
        "failed": True
    }
    assert source.item("S1")["copies"][0]["sent_at"] is None
    assert places_of("other-7782") == {"identifier.sealed"}
    mailbox.answer = "250 taken"
    assert ask(source, address=OTHER).status_code == 201
    assert len(mailbox.mails) == 1


def test_what_cannot_be_entered_is_not_sent(source: Source, mailbox: Mailbox) -> None:
    source.tell(START, MESSAGE, END)

    with a_log_that_cannot_be_written():
        answer = ask(source, address=OTHER)

    assert answer.status_code >= 500
    assert mailbox.mails == []
    assert source.rows(ChatCopy) == []


def test_without_a_mail_server_it_says_so(source: Source, settings: Settings) -> None:
    settings.VALV_MAIL_SERVER = None
    source.tell(START, MESSAGE, END)

    assert ask(source).status_code == 502


def test_a_server_that_is_not_there_is_told_as_busy(
    source: Source, settings: Settings
) -> None:
    settings.VALV_MAIL_SERVER = mail_server_from(f"smtp://{HERE}:1")
    source.tell(START, MESSAGE, END)

    assert ask(source).status_code == 503


def test_a_server_without_tls_gets_no_mail_unless_it_is_meant(
    source: Source, mailbox: Mailbox, settings: Settings
) -> None:
    demanding = mail_server_from("smtp://mail.example")
    settings.VALV_MAIL_SERVER = replace(demanding, host=HERE, port=mailbox.port)
    source.tell(START, MESSAGE, END)

    assert ask(source).status_code == 502
    assert mailbox.mails == []


@pytest.mark.parametrize(
    "address",
    ["nobody", "a@b\r\nBcc: x@example.com", "", "a@b", "x@y.example, z@y.example"],
)
def test_an_address_that_is_none_is_malformed(
    source: Source, mailbox: Mailbox, address: str
) -> None:
    source.tell(event(0, "session.started", media="chat"), MESSAGE, END)

    assert ask(source, address=address).status_code == 422
    assert mailbox.mails == []


def test_the_address_goes_with_its_interaction(
    source: Source, mailbox: Mailbox
) -> None:
    at = ago(400)
    source.tell(
        told("S1", at, 0, "session.started", media="chat", identifiers={"email": OWN}),
        told("S1", at, 9, "session.ended"),
    )
    said = [{"at": "2026-11-20T09:00:00Z", "from": "customer", "text": "Hi"}]
    source.put_chat_log("S1", said)
    assert ask(source, address=OTHER).status_code == 201

    nightly.run(source.tenant, nightly.today(source.tenant, ago(0)), now=ago(0))

    assert source.rows(ChatCopy) + source.rows(Identifier) == []


def test_an_address_stays_while_a_copy_went_to_it(
    source: Source, mailbox: Mailbox
) -> None:
    """It came with another interaction too, which goes first."""
    at, start = ago(400), "session.started"
    source.tell(
        told("old", at, 0, start, media="chat", identifiers={"email": OTHER}),
        told("old", at, 9, "session.ended"),
        told("new", ago(1), 0, start, media="chat"),
        told("new", ago(1), 1, "chat.message", **{"from": "customer", "text": TEXT}),
        told("new", ago(1), 9, "session.ended"),
    )
    ask(source, session="new", address=OTHER)

    nightly.run(source.tenant, nightly.today(source.tenant, ago(0)), now=ago(0))

    assert source.id_of("old") == ""
    assert source.item("new")["copies"][0]["to"] == OTHER


def test_who_is_forgotten_is_no_recipient_any_more(
    source: Source, mailbox: Mailbox
) -> None:
    source.tell(START, MESSAGE, END)
    ask(source, address=OTHER)
    (copy,) = source.rows(ChatCopy)

    keys.destroy(source.tenant.id, {KeyKind.IDENTIFIER: [copy.identifier_id]})
    with scope.writing(source.tenant.id):
        raise_epoch()

    assert source.item("S1")["copies"][0]["to"] is None
    assert places_of("other-7782") == set()
