"""Law 6: a shared copy never outlives what it hangs on, nor its own time.

Whatever ends the original ends the copy, and wherever sending or ending is cut short,
no living key opens more than the original.
"""

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from tests.cast import OPERATOR
from tests.intake.asking import Source
from tests.laws import opened
from tests.laws.laying import SECRET, Laid, ago, blobs, lay, living
from tests.laws.test_every_act_is_entered import a_log_that_cannot_be_written
from tests.peers.smtp import Mailbox
from tests.portal.visiting import Visitor
from tests.sharing.sharing_links import TO, Recipient, link_in, share
from valv.archive import contents
from valv.archive.models import Identifier, SecureLink, SharedCopy
from valv.audit.models import Entry
from valv.audit.verify import settle, verify
from valv.core.interaction import ContentKind
from valv.core.links import Limits
from valv.core.retention import FOREVER, StorageTimes
from valv.jobs.command import main
from valv.lifecycle import nightly
from valv.sharing import link_ends, links, mail
from valv.storage import intents, keys
from valv.storage.keys import KeyKind
from valv.tenants.models import User
from valv.tenants.operations import set_storage_times
from valv.tenants.signin import caller_of_user

pytestmark = pytest.mark.django_db(transaction=True)
KILLED = 9


@pytest.fixture
def laid(source: Source) -> Laid:
    return lay(source, "ours", days=10)


@pytest.fixture
def before(source: Source, laid: Laid) -> tuple[set[Any], set[str]]:
    """The keys and blobs there were before anything was shared."""
    kept = StorageTimes(general=FOREVER, recordings=None, chat_logs=None)
    set_storage_times(source.tenant, kept, actor=OPERATOR, now=ago(0))
    return of_content(source), blobs(source.tenant)


@pytest.fixture
def recipient(
    alma: User, laid: Laid, mailbox: Mailbox, before: tuple[set[Any], set[str]]
) -> Recipient:
    assert share(Visitor().enters(alma), laid.chat, contents=["chat_log:1"])
    return Recipient(link_in(mailbox), mailbox).enters()


def of_content(source: Source) -> set[Any]:
    return {one for one in living(source.tenant) if one[0] == KeyKind.CONTENT}


def check_nothing_is_shared(source: Source, before: tuple[set[Any], set[str]]) -> None:
    assert source.rows(SharedCopy) == []
    assert of_content(source) <= before[0]
    assert blobs(source.tenant) <= before[1]
    assert verify(source.tenant.id).ok


def night(source: Source, *, ahead: float = 0) -> None:
    now = datetime.now(UTC) + timedelta(days=ahead)
    report = nightly.run(source.tenant, nightly.today(source.tenant, now), now=now)
    assert report.is_whole


def expire(source: Source, laid: Laid) -> None:
    times = StorageTimes(general=FOREVER, recordings=1, chat_logs=1)
    set_storage_times(source.tenant, times, actor=OPERATOR, now=ago(0))
    night(source)


def forget_all(source: Source, laid: Laid) -> None:
    set_storage_times(
        source.tenant, StorageTimes(general=1), actor=OPERATOR, now=ago(0)
    )
    night(source)


def refuse(source: Source, laid: Laid) -> None:
    session = "ours-chat"
    refusal = {
        "event_id": "refusal",
        "session_id": session,
        "type": "chat.storage_refused",
        "at": "2026-11-20T09:00:00Z",
        "data": {},
    }
    source.tell(refusal)


def delete(source: Source, laid: Laid) -> None:
    answer = source.ask("DELETE", f"/interactions/{laid.chat}/chat-log")
    assert answer.status_code == 204


def forget_person(source: Source, laid: Laid) -> None:
    words = ["forget", "--email", "kanarie@example.com", "--yes", "--json"]
    assert main(words, user="root") == 0


def forget_recipient(source: Source, laid: Laid) -> None:
    assert main(["forget", "--email", TO, "--yes", "--json"], user="root") == 0
    assert source.item("ours-chat")["anonymised_at"] is None


ENDS: dict[str, Callable[[Source, Laid], None]] = {
    "deleted": delete,
    "expired": expire,
    "interaction gone": forget_all,
    "refused": refuse,
    "anonymised": forget_person,
    "recipient forgotten": forget_recipient,
    "over": lambda source, _: night(source, ahead=8),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_copy_goes_with_its_original_and_on_time(
    source: Source,
    laid: Laid,
    recipient: Recipient,
    before: tuple[set[Any], set[str]],
    how: str,
) -> None:
    path = recipient.copies()[0]
    assert of_content(source) > before[0]

    ENDS[how](source, laid)

    check_nothing_is_shared(source, before)
    assert recipient.post(path).status_code == 404


def test_whoever_got_a_link_is_forgotten(
    source: Source, laid: Laid, recipient: Recipient
) -> None:
    settle(source.tenant.id)

    forget_recipient(source, laid)

    assert TO.encode() not in b"".join(text for _, text in opened.everything())
    (link,) = source.rows(SecureLink)
    assert (link.recipient_id, link.code_to_id, link.ended_why) == (0, 0, "forgotten")
    assert {e.identifier_id for e in source.rows(Entry, action="share")} == {None}


def test_addresses_go_with_the_interaction(
    source: Source, laid: Laid, recipient: Recipient
) -> None:
    forget_all(source, laid)

    assert source.rows(SecureLink) + source.rows(Identifier) == []


def test_what_cannot_be_entered_is_not_shared(
    source: Source,
    laid: Laid,
    alma: User,
    mailbox: Mailbox,
    before: tuple[set[Any], set[str]],
) -> None:
    sender = Visitor().enters(alma)

    with a_log_that_cannot_be_written():
        answer = share(sender, laid.chat, contents=["chat_log:1"])

    assert answer.status_code == 500
    assert mailbox.mails == []
    check_nothing_is_shared(source, before)


def test_what_cannot_be_entered_is_not_read(
    source: Source, laid: Laid, recipient: Recipient
) -> None:
    path = recipient.copies()[0]

    with a_log_that_cannot_be_written():
        answer = recipient.post(path)

    assert answer.status_code == 500
    assert SECRET not in answer.content.decode()
    assert source.rows(SecureLink)[0].plays == 0


@pytest.mark.parametrize("answers", ["451 later", "554 no"])
def test_a_link_that_could_not_be_sent_shares_nothing(
    source: Source,
    laid: Laid,
    alma: User,
    mailbox: Mailbox,
    before: tuple[set[Any], set[str]],
    answers: str,
) -> None:
    mailbox.answer = answers

    share(Visitor().enters(alma), laid.chat, contents=["chat_log:1"])

    check_nothing_is_shared(source, before)
    assert [e.details.get("failed") for e in source.rows(Entry, action="share")] == [
        None,
        True,
    ]


SENDING: dict[str, tuple[Any, str]] = {
    "nothing is stored": (contents, "store"),
    "its end is promised": (contents, "promise"),
    "it is entered": (links, "_lay"),
    "it is mailed": (mail, "send"),
    "it opens": (links, "_open"),
    "the key is kept": (keys, "keep"),
}
ENDING: dict[str, tuple[Any, str]] = {
    "it is ended": (link_ends, "_end"),
    "the key is destroyed": (keys, "destroy"),
    "the bytes are discarded": (intents, "_discard"),
    "it is done": (intents, "_strike"),
}


@contextmanager
def killed_at(step: tuple[Any, str], *, after: bool) -> Iterator[None]:
    """Die by no cleanup at a step, before it or with it done."""
    module, name = step
    whole = getattr(module, name)

    def dies(*given: Any, **told: Any) -> None:
        if after:
            whole(*given, **told)
        os._exit(KILLED)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, dies)
        yield


def in_a_process_that_dies(act: Callable[[], object]) -> None:
    connections.close_all()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            raise
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def send(alma: User, laid: Laid) -> int:
    offer = links.Offer(
        ((ContentKind.CHAT_LOG, 1),),
        TO,
        "",
        Limits(7, 2),
    )
    at = datetime.now(UTC)
    caller = caller_of_user(alma)
    return links.send_link(
        caller, int(laid.chat), offer, address_of=lambda token: f"/{token}", now=at
    )


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", SENDING)
def test_sending_that_is_killed_shares_nothing(
    source: Source,
    laid: Laid,
    alma: User,
    mailbox: Mailbox,
    before: tuple[set[Any], set[str]],
    step: str,
    after: bool,
) -> None:
    with killed_at(SENDING[step], after=after):
        in_a_process_that_dies(lambda: send(alma, laid))

    is_whole = step == "it opens" and after
    assert bool(source.rows(SharedCopy)) is is_whole
    intents.resume(source.tenant.id)  # as the next start does
    assert len(readable_logs()) == 1 + is_whole
    night(source, ahead=2)
    if not is_whole:
        check_nothing_is_shared(source, before)
        assert not [link for link in source.rows(SecureLink) if link.sent_at]


def readable_logs() -> list[str]:
    """Sealed chat logs that a living key opens."""
    secret = SECRET.encode()
    found = [place for place, text in opened.everything() if secret in text]
    return [place for place in found if place.endswith(".chat_log")]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ENDING)
def test_ending_that_is_killed_is_finished(
    source: Source,
    laid: Laid,
    alma: User,
    mailbox: Mailbox,
    before: tuple[set[Any], set[str]],
    step: str,
    after: bool,
) -> None:
    link = send(alma, laid)
    caller, at = caller_of_user(alma), datetime.now(UTC)

    def cancel() -> bool:
        return link_ends.cancel_link(caller, laid.chat, link, now=at)

    with killed_at(ENDING[step], after=after):
        in_a_process_that_dies(cancel)
    if step == "it is ended":  # nobody was answered: asked again
        cancel()

    assert source.rows(SharedCopy) == []
    intents.resume(source.tenant.id)
    check_nothing_is_shared(source, before)
