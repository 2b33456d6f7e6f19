"""Who goes with a person: whoever stood on or beside what was cut, and nowhere else."""

from collections.abc import Callable

import msgspec
import pytest
from django.test import Client

from tests.cast import make_token
from tests.intake.asking import Source, event
from tests.laws.laying import PHONE
from tests.peers.smtp import Mailbox
from tests.portal.visiting import Visitor
from tests.sharing.sharing_links import OTHER, TO, share
from valv.archive.models import Identifier, Interaction, SecureLink
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.verify import verify
from valv.jobs.command import OK, REFUSED, main
from valv.lifecycle.models import Job
from valv.storage import scope
from valv.storage.keys import KeyKind
from valv.storage.models import SealingKey
from valv.tenants.models import Tenant, User

pytestmark = pytest.mark.django_db(transaction=True)
START = "2026-11-20T09:00:00Z"
WHOLE = {"started_at": START, "ended_at": START, "media": "chat"}
Place = Callable[[Source, Visitor], None]


@pytest.fixture
def source(acme: Tenant) -> Source:
    """Somebody who wrote once."""
    source = Source(acme, make_token(acme), Client())
    source.put("S1", **WHOLE, identifiers={"phone": PHONE})
    source.put_chat_log("S1", [{"at": START, "from": "customer", "text": "Hej"}])
    return source


@pytest.fixture
def alma_sends(alma: User) -> Visitor:
    return Visitor().enters(alma)


def on_it(source: Source, _: Visitor) -> None:
    party = {"email": TO, "handle": "@annan", "name": "Annan"}
    source.put("S1", identifiers=party)


def beside_it(source: Source, _: Visitor) -> None:
    source.put("S1", others=[{"email": TO, "name": "Annan"}])


def told_of_it(source: Source, _: Visitor) -> None:
    """What was stated outright stands on it instead."""
    party = {"email": TO}
    source.tell(event(0, "session.started", media="chat", identifiers=party))
    source.put("S1", identifiers={"email": OTHER})


def sent_a_copy(source: Source, _: Visitor) -> None:
    body = msgspec.json.encode({"address": TO})
    answer = source.ask("POST", "/interactions/S1/chat-copy", body)
    assert answer.status_code == 201, answer.content


def sent_a_link(source: Source, sender: Visitor) -> None:
    logs = {"contents": ["chat_log:1"]}
    sent = share(sender, source.id_of("S1"), **logs, code_to=OTHER)
    assert sent.status_code == 303, sent.content


PLACES = (on_it, beside_it, told_of_it, sent_a_copy, sent_a_link)


@pytest.mark.parametrize("place", PLACES)
def test_who_stood_there_alone_goes_with_them(
    source: Source, alma_sends: Visitor, mailbox: Mailbox, place: Place
) -> None:
    place(source, alma_sends)
    known = len(source.rows(Identifier))
    assert known > 1

    assert main(["forget", "--phone", PHONE, "--yes"], user="root") == OK

    assert source.rows(Identifier) == []
    assert not SealingKey.objects.filter(kind=KeyKind.IDENTIFIER).exists()
    assert [job.report["identifiers"] for job in source.rows(Job)] == [known]


@pytest.mark.parametrize("place", PLACES)
def test_who_stands_elsewhere_too_stays(
    source: Source, alma_sends: Visitor, mailbox: Mailbox, place: Place
) -> None:
    place(source, alma_sends)
    source.put("S2", **WHOLE, identifiers={"email": TO})

    assert main(["forget", "--phone", PHONE, "--yes"], user="root") == OK

    assert source.item("S2")["identifiers"]["email"] == TO
    assert len(source.rows(Identifier)) == 1
    assert not source.rows(Entry, identifier_id__isnull=False)
    assert verify(source.tenant.id).ok


def hold(source: Source) -> None:
    with scope.writing(source.tenant.id):
        Interaction.objects.update(held=True)


def test_a_hold_keeps_what_was_shared_and_not_to_whom(
    source: Source, alma_sends: Visitor, mailbox: Mailbox
) -> None:
    sent_a_link(source, alma_sends)
    hold(source)
    before = source.item("S1"), source.chat_log("S1").json()

    assert main(["forget", "--email", TO, "--yes"], user="root") == OK

    (link,) = source.rows(SecureLink)
    (entry,) = source.rows(Entry, action=Action.SHARE)
    assert (link.recipient_id, link.ended_why, link.hash) == (0, "forgotten", None)
    assert (link.sent_at is None, entry.identifier_id) == (False, None)
    assert (entry.actor, entry.details["link"]) == ("Alma", link.id)
    assert (source.item("S1"), source.chat_log("S1").json()) == before


def test_who_has_a_part_in_what_is_held_is_kept_and_so_is_the_link(
    source: Source, alma_sends: Visitor, mailbox: Mailbox
) -> None:
    sent_a_link(source, alma_sends)
    beside_it(source, alma_sends)
    hold(source)

    assert main(["forget", "--email", TO, "--yes"], user="root") == REFUSED

    (link,) = source.rows(SecureLink)
    assert (link.recipient_id > 0, link.ended_at) == (True, None)
