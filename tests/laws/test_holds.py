"""Law 9: nothing under a hold goes, by whatever way it is asked to go."""

import json
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cast import OPERATOR, make_token
from tests.intake.asking import Source
from tests.laws.laying import EMAIL, PHONE, Laid, ago, blobs, lay, living
from valv.archive.models import Content
from valv.core.permissions import Scope
from valv.core.retention import StorageTimes
from valv.jobs.command import OK, REFUSED, main
from valv.lifecycle import nightly
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant
from valv.tenants.operations import set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)
_numbers = count(1)
few = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def delete_by_hand(source: Source, laid: Laid) -> None:
    for path in (
        f"{laid.call}/recordings/1",
        f"{laid.call}/transcripts/1",
        f"{laid.chat}/chat-log",
    ):
        answer = source.ask("DELETE", f"/interactions/{path}")
        assert answer.status_code in (204, 403, 404, 410)


def delete_many(source: Source, laid: Laid) -> None:
    asked = {"kind": "delete", "interactions": [laid.call, laid.chat]}
    job(source, **asked)


def forget_over_http(source: Source, laid: Laid) -> None:
    job(source, kind="forget", phone=[PHONE], email=[EMAIL], delete_content=True)


def job(source: Source, **asked: object) -> None:
    answer = source.ask("POST", "/jobs", msgspec.json.encode(asked))
    assert answer.status_code < 300, answer.content


def forget_by_command(source: Source, laid: Laid) -> None:
    code = main(["forget", "--phone", PHONE, "--delete-content", "--yes"], user="root")
    assert code in (OK, REFUSED)


def expire(source: Source, laid: Laid) -> None:
    none = StorageTimes(general=0, recordings=0, chat_logs=0)
    set_storage_times(source.tenant, none, actor=OPERATOR, now=ago(0))
    later = ago(-2)
    day = nightly.today(source.tenant, later)
    assert nightly.run(source.tenant, day, now=later).is_whole


WAYS = (delete_by_hand, delete_many, forget_over_http, forget_by_command, expire)


def kept(source: Source, laid: Laid) -> Any:
    """All that is shown of a call and a chat, and what was said in them."""
    shown = [
        source.ask("GET", f"/interactions/{id_}").json()
        for id_ in (laid.call, laid.chat)
    ]
    said = source.ask("GET", f"/interactions/{laid.chat}/chat-log").json()
    heard = source.ask("GET", f"/interactions/{laid.call}/recordings/1")
    assert heard.status_code == 200
    return shown, said, heard.getvalue()


def named(source: Source, laid: Laid) -> list[Any]:
    """The rows of content that may be kept, with the key and blob that each names.

    Of a chat that never ends that is not known (law 2): no hold protects it.
    """
    ids = [int(laid.call), int(laid.chat)]
    rows = source.rows(Content, interaction_id__in=ids)
    return sorted(
        (row.interaction_id, row.kind, row.n, row.id, row.blob) for row in rows
    )


def missing(tenant: Tenant, lying: list[Any]) -> set[Any]:
    """Keys and blobs that are not there."""
    wanted = {(KeyKind.CONTENT, row[3]) for row in lying if row[4]}
    there = {row[4] for row in lying if row[4]}
    return (wanted - living(tenant)) | (there - blobs(tenant))


def hold(*words: str) -> int:
    reason = ["--owner", "Cleo", "--reason", "Complaint"]
    name = f"Case {next(_numbers)}"
    return main(["hold", "place", "--matter", name, *reason, *words], user="root")


@few
@given(ways=st.lists(st.sampled_from(WAYS), min_size=1, max_size=4, unique=True))
def test_nothing_under_a_hold_goes(source: Source, ways: list[Any]) -> None:
    teller = Source(source.tenant, make_token(source.tenant), source.client)
    set_storage_times(source.tenant, StorageTimes(), actor=OPERATOR, now=ago(0))
    laid = lay(teller, f"H{next(_numbers)}")
    assert hold("--id", laid.call, "--id", laid.chat, "--id", laid.telling) == OK
    before, lying = kept(teller, laid), named(teller, laid)
    assert missing(teller.tenant, lying) == set()

    for way in ways:
        way(teller, laid)

    assert kept(teller, laid) == before
    assert named(teller, laid) == lying
    assert missing(teller.tenant, lying) == set(), "afterwards"


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_is_free_goes_by_each_of_these_ways(source: Source, way: Any) -> None:
    teller = Source(source.tenant, make_token(source.tenant), source.client)
    laid = lay(teller, "free")

    way(teller, laid)

    call = teller.ask("GET", f"/interactions/{laid.call}")
    gone = teller.ask("GET", f"/interactions/{laid.call}/recordings/1")
    assert (call.status_code, gone.status_code) in [(404, 404), (200, 410)]


def test_a_caller_without_the_right_places_and_releases_none(source: Source) -> None:
    token = make_token(source.tenant, scopes=set(Scope) - {Scope.PRIVACY})
    other = Source(source.tenant, token, source.client)

    asked = {"matter": "Case", "owner": "Cleo", "reason": "x", "interactions": ["1"]}
    answers = [
        other.ask("POST", "/holds", json.dumps(asked).encode()),
        other.ask("POST", "/holds/1/release", b'{"reason": "x"}'),
        other.ask("GET", "/holds"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3


def test_another_tenants_hold_is_as_good_as_none(
    source: Source, borealis: Tenant
) -> None:
    teller = Source(source.tenant, make_token(source.tenant), source.client)
    laid = lay(teller, "ours")
    assert hold("--id", laid.call, "--tenant", "acme") == OK
    (number,) = [one["id"] for one in listed(teller)]
    stranger = Source(borealis, make_token(borealis), source.client)

    answers = [
        stranger.ask("POST", f"/holds/{which}/release", b'{"reason": "x"}')
        for which in (number, "99999", "x")
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert listed(stranger) == []
    assert [one["state"] for one in listed(teller)] == ["placed"]


def listed(source: Source) -> list[Any]:
    answer = source.ask("GET", "/holds").json()
    return list(answer["items"])
