"""A secure link from the form to the last play, and all the ways it leads nowhere."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_django import Settings

from tests.cast import NOW
from tests.held import AUDIO, lay_chat_log, lay_content, lay_interaction, lay_transcript
from tests.peers.sms import Gateway, serving_sms
from tests.peers.smtp import Mailbox
from tests.portal.visiting import Visitor, text_of
from tests.sharing.sharing_links import (
    NUMBER,
    OTHER,
    TO,
    Recipient,
    code_in,
    done_by_externals,
    link_in,
    share,
)
from valv.archive.models import Hold, HoldItem, Interaction, SecureLink, SharedCopy
from valv.core.interaction import Media
from valv.core.reach import Reach
from valv.core.sms_gateway import sms_gateway_from
from valv.sharing.sent_links import all_links
from valv.storage import scope
from valv.tenants.models import Tenant, User
from valv.tenants.signin import caller_of_user


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    with serving_sms() as found:
        url = found.url.replace("http://", "http://user:secret@")
        settings.VALV_SMS_GATEWAY = sms_gateway_from(url)
        yield found


@pytest.fixture
def alma_sends(alma: User) -> Visitor:
    return Visitor().enters(alma)


@pytest.fixture
def call(acme: Tenant) -> str:
    interaction = lay_interaction(acme)
    lay_content(acme, interaction)
    lay_transcript(acme, interaction)
    return str(interaction)


@pytest.fixture
def recipient(alma_sends: Visitor, call: str, mailbox: Mailbox) -> Recipient:
    assert share(alma_sends, call).status_code == 303
    return Recipient(link_in(mailbox), mailbox)


def rows(tenant: Tenant, model: type[SecureLink] | type[SharedCopy]) -> list[object]:
    with scope.reading(tenant.id):
        return list(model.objects.all())


def test_what_is_shared_is_heard_by_who_has_the_code(
    recipient: Recipient, acme: Tenant
) -> None:
    played = recipient.enters().plays()

    assert recipient.hears(played) == AUDIO
    assert done_by_externals(acme) == [
        ("code", ["sent", "to"]),
        ("code", ["entered", "terms"]),
        ("play", "recording:1"),
    ]


def test_the_mails_tell_nothing_of_what_is_shared(
    recipient: Recipient, mailbox: Mailbox
) -> None:
    recipient.asks()

    link, code = (mail.get_content() for mail in mailbox.mails)
    assert mailbox.to == [TO, TO]
    assert "/shared/" not in code
    assert not any(word in link + code for word in ("recording", "inspelning", "S1"))


def test_before_the_code_a_link_opens_nothing(
    recipient: Recipient, acme: Tenant
) -> None:
    (copy,) = rows(acme, SharedCopy)

    assert recipient.copies() == []
    assert recipient.post(f"/{copy.id}/play").status_code == 404  # type: ignore[attr-defined]
    assert recipient.get("/sound/anything").status_code == 404


def test_a_code_of_another_kind_goes_by_sms(
    alma_sends: Visitor, call: str, mailbox: Mailbox, gateway: Gateway
) -> None:
    share(alma_sends, call, code_to=NUMBER)
    recipient = Recipient(link_in(mailbox), mailbox)

    recipient.post("/code/send")

    ((to, text),) = gateway.messages
    assert (to, gateway.authorization) == (NUMBER, "Basic dXNlcjpzZWNyZXQ=")
    assert len(mailbox.mails) == 1
    answer = recipient.post("/code", code=code_in(text), accepted="on")
    assert answer.status_code == 303


def test_a_code_may_go_to_another_address(
    alma_sends: Visitor, call: str, mailbox: Mailbox
) -> None:
    share(alma_sends, call, code_to=OTHER)

    Recipient(link_in(mailbox), mailbox).asks()

    assert mailbox.to == [TO, OTHER]


def test_a_chat_log_is_read_by_roles_alone(
    alma_sends: Visitor, acme: Tenant, mailbox: Mailbox
) -> None:
    chat = lay_interaction(acme, media=Media.CHAT, name="Anna Hemlig", agent="Bo Ek")
    lay_chat_log(acme, chat)
    share(alma_sends, str(chat), contents=["chat_log:1"])

    read = Recipient(link_in(mailbox), mailbox).enters().plays()

    assert "Hej &lt;du&gt; &amp; jag" in text_of(read)
    assert "Anna" not in text_of(read)
    assert ("see", "chat_log:1") in done_by_externals(acme)


def test_several_may_be_shared_by_one_link(
    alma_sends: Visitor, call: str, mailbox: Mailbox
) -> None:
    share(alma_sends, call, contents=["recording:1", "transcript:1"])

    recipient = Recipient(link_in(mailbox), mailbox).enters()

    assert len(recipient.copies()) == 2
    assert [e.content for e in alma_sends.entries("share")] == [
        "recording:1",
        "transcript:1",
    ]


def test_no_more_plays_than_were_granted(recipient: Recipient, acme: Tenant) -> None:
    recipient.enters()
    again = recipient.copies()[0]
    recipient.plays()
    last = recipient.plays()

    assert recipient.post(again).status_code == 404
    assert recipient.copies() == []
    assert recipient.hears(last) == AUDIO


def test_one_play_is_one_entry_however_often_it_is_read(
    recipient: Recipient, acme: Tenant
) -> None:
    played = recipient.enters().plays()

    for _ in range(3):
        recipient.hears(played)

    assert [a for a, _ in done_by_externals(acme)].count("play") == 1


def test_a_wrong_code_is_counted_entered_and_soon_void(
    recipient: Recipient, acme: Tenant
) -> None:
    code = recipient.asks()
    wrong = f"{(int(code) + 1) % 10**6:06}"

    statuses = [recipient.post("/code", code=wrong, accepted="on") for _ in range(5)]
    right = recipient.post("/code", code=code, accepted="on")

    assert {one.status_code for one in [*statuses, right]} == {422}
    assert done_by_externals(acme).count(("code", ["failed"])) == 6


def test_a_code_opens_once(recipient: Recipient) -> None:
    code = recipient.asks()
    recipient.post("/code", code=code, accepted="on")

    assert recipient.post("/code", code=code, accepted="on").status_code == 422


def test_a_code_is_soon_too_old(recipient: Recipient, acme: Tenant) -> None:
    code = recipient.asks()
    with scope.writing(acme.id):
        link = SecureLink.objects.get()
        link.code_at -= timedelta(minutes=10)
        link.save()

    assert recipient.post("/code", code=code, accepted="on").status_code == 422


def test_codes_are_not_sent_one_upon_another(
    recipient: Recipient, mailbox: Mailbox
) -> None:
    recipient.asks()

    assert recipient.post("/code/send").status_code == 503
    assert len(mailbox.mails) == 2


def test_codes_come_to_an_end(recipient: Recipient, acme: Tenant) -> None:
    with scope.writing(acme.id):
        SecureLink.objects.update(codes=20)

    assert recipient.post("/code/send").status_code == 503


def test_without_the_terms_nobody_comes_in(recipient: Recipient) -> None:
    code = recipient.asks()

    assert recipient.post("/code", code=code).status_code == 422
    assert recipient.post("/code", code=code, accepted="on").status_code == 303


def test_a_visit_is_one_browsers(recipient: Recipient, mailbox: Mailbox) -> None:
    played = recipient.enters().plays()
    other = Recipient(recipient.link, mailbox)

    assert other.copies() == []
    with pytest.raises(AssertionError):
        other.hears(played)


def ended(recipient: Recipient) -> set[bytes]:
    """What all pages of the link say; one and the same, once it leads nowhere."""
    answers = [recipient.get(), recipient.get("/code"), recipient.post("/code/send")]
    answers += [recipient.post("/code", code="1", accepted="on")]
    assert {one.status_code for one in answers} == {404}
    return {one.content for one in answers}


def test_wrong_over_cancelled_and_unknown_look_the_same(
    recipient: Recipient, alma_sends: Visitor, call: str, acme: Tenant
) -> None:
    link = rows(acme, SecureLink)[0]
    said = ended(Recipient("/shared/" + "A" * 48, recipient.mailbox))
    said |= ended(Recipient("/shared/x", recipient.mailbox))
    said |= ended(Recipient(recipient.link[:-2] + "AA", recipient.mailbox))
    with scope.writing(acme.id):
        SecureLink.objects.update(expires_at=link.created_at)  # type: ignore[attr-defined]
    said |= ended(recipient)
    alma_sends.post(f"/interactions/{call}/links/{link.id}/cancel")  # type: ignore[attr-defined]

    assert len(said | ended(recipient)) == 1


def test_a_link_that_is_ended_stops_what_is_being_heard(
    recipient: Recipient, alma_sends: Visitor, call: str, acme: Tenant
) -> None:
    played = recipient.enters().plays()
    (link,) = rows(acme, SecureLink)

    answer = alma_sends.post(f"/interactions/{call}/links/{link.id}/cancel")  # type: ignore[attr-defined]

    assert answer.status_code == 303
    with pytest.raises(AssertionError):
        recipient.hears(played)
    assert rows(acme, SharedCopy) == []
    assert [e.details["why"] for e in alma_sends.entries("unshare")] == ["cancelled"]


def test_what_the_customer_refuses_since_is_not_opened(
    alma_sends: Visitor, call: str, acme: Tenant, mailbox: Mailbox
) -> None:
    share(alma_sends, call)
    recipient = Recipient(link_in(mailbox), mailbox).enters()
    path = recipient.copies()[0]
    with scope.writing(acme.id):
        Interaction.objects.update(restricted=True)

    assert recipient.post(path).status_code == 404


def test_what_is_restricted_since_opens_for_nobody_until_that_ends(
    recipient: Recipient, alma: User, acme: Tenant
) -> None:
    recipient.enters()
    caller = caller_of_user(alma)
    with scope.writing(acme.id):
        hold = Hold.objects.create(name="x", restricts=True, placed_at=NOW)
        for row in Interaction.objects.all():
            HoldItem.objects.create(hold_id=hold.id, interaction_id=row.id)
        Interaction.objects.update(held=True)

    assert recipient.get().status_code == 404
    assert all_links(caller, before=None, limit=5, now=NOW) == []
    with scope.writing(acme.id):
        Hold.objects.update(released_at=NOW)
    assert recipient.get().status_code == 200
    assert len(all_links(caller, before=None, limit=5, now=NOW)) == 1


def test_restricted_content_is_shared_for_a_purpose_alone(
    alma_sends: Visitor, acme: Tenant, mailbox: Mailbox
) -> None:
    call = str(lay_interaction(acme, restricted=True))
    lay_content(acme, int(call))

    assert share(alma_sends, call).status_code == 403
    assert share(alma_sends, call, purpose="training").status_code == 403
    assert mailbox.mails == []
    assert share(alma_sends, call, purpose="legal").status_code == 303
    assert Recipient(link_in(mailbox), mailbox).enters().plays().status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [("address", "x"), ("days", "31"), ("days", "0"), ("plays", "51"),
     ("code_to", "0701234567"), ("contents", []), ("reason", "en\x07rad")],
)  # fmt: skip
def test_what_cannot_be_is_asked_for_again(
    alma_sends: Visitor, call: str, mailbox: Mailbox, field: str, value: object
) -> None:
    answer = share(alma_sends, call, **{field: value})

    assert answer.status_code == 422
    assert f'id="e-{field}"' in text_of(answer)
    assert mailbox.mails == []


def test_one_without_the_right_may_not(
    bo: User, alma: User, call: str, mailbox: Mailbox
) -> None:
    bo_sends = Visitor().enters(bo)

    assert share(bo_sends, call).status_code == 403
    assert bo_sends.get("/links").status_code == 403
    assert "links/new" not in text_of(bo_sends.get(f"/interactions/{call}"))
    assert mailbox.mails == []


def test_a_stranger_finds_nothing_to_share(
    dag: User, call: str, mailbox: Mailbox, acme: Tenant
) -> None:
    dag_sends = Visitor().enters(dag)

    assert share(dag_sends, call).status_code == 404
    assert dag_sends.post(f"/interactions/{call}/links/1/cancel").status_code == 404


def test_the_sender_sees_what_was_done(
    recipient: Recipient, alma_sends: Visitor, call: str
) -> None:
    recipient.enters().plays()

    for path in (f"/interactions/{call}", "/links"):
        page = text_of(alma_sends.get(path))
        assert TO in page
        assert "Öppnad 1 av 2 gånger" in page
        assert "lyssnade på inspelning 1" in page


def test_its_page_stands_alone(recipient: Recipient) -> None:
    answer = recipient.get()

    assert "<script" not in text_of(answer)
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert "/search" not in text_of(answer)


def test_the_list_ends_where_ones_reach_ends(
    recipient: Recipient, alma_sends: Visitor, acme: Tenant, alma: User
) -> None:
    caller = caller_of_user(alma)
    elsewhere = replace(caller, reach=Reach(queues=frozenset({"Elsewhere"})))
    here = replace(caller, reach=Reach(until=NOW))

    found = [
        len(all_links(one, before=None, limit=5, now=NOW))
        for one in (caller, elsewhere, here)
    ]

    assert found == [1, 0, 1]
