"""Restricted content opens with the right, for a stated purpose that was granted.

By the API, by pages, ranges under a handle and zips alike; each refusal is entered and
names its rule, and each act names its purpose.
"""

from typing import Any

import pytest
from django.db.models import F

from tests.api.conftest import Asker, body_of
from tests.cast import NOW
from tests.held import lay_chat_log, lay_content, lay_interaction, lay_transcript
from valv.archive.flags import Flag
from valv.archive.models import Consent, Interaction
from valv.audit.models import Entry
from valv.core.answers import Answer, How, Purpose
from valv.core.interaction import Media
from valv.core.permissions import Scope
from valv.storage import scope
from valv.tenants.models import Tenant

SCOPES = (Scope.READ, Scope.CONTENT)
PATHS = ("recordings/1", "recordings/1?download=mp3", "transcripts/1", "chat-log")


def restricted(tenant: Tenant, *, session: str = "S1", **answers: Answer) -> int:
    """A restricted call with a recording and transcript, and a chat log besides."""
    call = lay_interaction(tenant, session=session, restricted=True, media=Media.SOCIAL)
    lay_content(tenant, call)
    lay_transcript(tenant, call)
    lay_chat_log(tenant, call)
    for purpose, answer in answers.items():
        answered(tenant, call, Purpose(purpose), answer)
    return call


def answered(tenant: Tenant, call: int, purpose: Purpose, answer: Answer) -> None:
    with scope.writing(tenant.id):
        number = Consent.objects.count()
        Consent.objects.create(
            interaction_id=call,
            event=number.to_bytes(16, "big"),
            purpose=purpose.number,
            answer=answer.number,
            how=How.KEY.number,
            at=NOW,
        )
        of_it = Interaction.objects.filter(id=call)
        of_it.update(flags=F("flags").bitor(int(Flag.CONSENT)))


def get(ask: Asker, call: int, path: str, purpose: str | None) -> Any:
    joined = "&" if "?" in path else "?"
    stated = f"{joined}purpose={purpose}" if purpose else ""
    return ask("GET", f"/interactions/{call}/{path}{stated}")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("purpose", "rule"),
    [
        (None, "purpose_required"),
        ("training", "purpose_refused"),
        ("quality", "purpose_refused"),
        ("marketing", "purpose_refused"),
    ],
)
def test_without_a_granted_purpose_nothing_opens(
    ask: Asker, acme: Tenant, path: str, purpose: str | None, rule: str
) -> None:
    call = restricted(acme, quality=Answer.NO)

    answer = get(ask, call, path, purpose)

    assert (answer.status_code, answer.json()["rule"]) == (403, rule)
    (entry,) = ask.entries("deny")
    assert entry.interaction_id == call
    assert entry.details["rule"] == rule
    assert "marketing" not in str(entry.details)
    assert ask.entries("play") + ask.entries("see") + ask.entries("download") == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("purpose", ["quality", "recording", "legal"])
def test_a_granted_purpose_opens_and_is_entered(
    ask: Asker, acme: Tenant, path: str, purpose: str
) -> None:
    call = restricted(acme, quality=Answer.YES)

    answer = get(ask, call, path, purpose)

    assert answer.status_code == 200
    body_of(answer)
    (entry,) = [e for a in ("play", "see", "download") for e in ask.entries(a)]
    assert entry.details == {"purpose": purpose}
    told = ask("GET", f"/audit?interaction={call}").json()["items"][0]
    assert told["purpose"] == purpose


@pytest.mark.parametrize("path", PATHS)
def test_without_the_right_no_purpose_opens(acme: Tenant, path: str) -> None:
    ask, call = Asker(acme, SCOPES), restricted(acme, quality=Answer.YES)

    answer = get(ask, call, path, "quality")

    assert (answer.status_code, answer.json()["rule"]) == (403, "restricted")
    assert ask.entries("deny")[0].details == {
        "rule": "restricted",
        "purpose": "quality",
    }


def test_a_token_may_have_the_right_alone(acme: Tenant) -> None:
    ask = Asker(acme, (*SCOPES, Scope.RESTRICTED))
    call = restricted(acme)

    assert get(ask, call, "recordings/1", "legal").status_code == 200
    assert ask("DELETE", f"/interactions/{call}/chat-log").status_code == 403


def test_its_length_is_behind_the_lock_too(ask: Asker, acme: Tenant) -> None:
    call = restricted(acme)
    path = f"/interactions/{call}/recordings/1"

    assert ask("HEAD", path).status_code == 403
    assert ask("HEAD", f"{path}?purpose=legal").status_code == 200


def test_what_is_not_restricted_needs_no_purpose_and_may_have_one(
    ask: Asker, acme: Tenant
) -> None:
    call = lay_interaction(acme)
    lay_content(acme, call)

    assert get(ask, call, "recordings/1", None).status_code == 200
    assert get(ask, call, "recordings/1", "training").status_code == 200
    assert [entry.details for entry in ask.entries("play")] == [
        {},
        {"purpose": "training"},
    ]


def test_general_information_is_not_locked(acme: Tenant) -> None:
    ask, call = Asker(acme, SCOPES), restricted(acme)

    item = ask("GET", f"/interactions/{call}").json()

    assert item["restricted"] is True
    assert [one["state"] for one in item["contents"]] == ["present"] * 3


def test_a_refusal_of_another_tenants_content_is_no_refusal(
    stranger: Asker, acme: Tenant
) -> None:
    call = restricted(acme)

    answer = get(stranger, call, "recordings/1", None)

    assert answer.status_code == 404
    assert stranger.entries("deny") == []


def test_the_right_to_delete_is_enough_to_delete(ask: Asker, acme: Tenant) -> None:
    call = restricted(acme)

    assert ask("DELETE", f"/interactions/{call}/recordings/1").status_code == 204


def test_the_log_of_it_goes_with_it(ask: Asker, acme: Tenant) -> None:
    call = restricted(acme)
    get(ask, call, "recordings/1", None)

    with scope.reading(acme.id):
        entries = Entry.objects.filter(interaction_id=call, action="deny")
        assert entries.count() == 1
        assert Interaction.objects.filter(id=call).exists()
