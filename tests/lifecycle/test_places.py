"""Where a person is cut: places that are not chosen stay as they are, keys and all."""

from typing import Any

import pytest

from tests.cast import OPERATOR
from tests.intake.asking import Source
from tests.laws.laying import EMAIL, PHONE, SECRET, ago, told
from valv.archive.flags import Flag
from valv.archive.models import Identifier, Interaction, SecureLink
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.core.errors import Malformed
from valv.core.identifiers import Kind
from valv.core.moments import format_moment
from valv.core.permissions import Right
from valv.lifecycle import jobs, kinds, planning
from valv.lifecycle.models import Job
from valv.lifecycle.plans import EVERYTHING, Options, Place, leaves_of
from valv.lifecycle.receipts import receipt_of
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
ARCHIVE, SURVEYS, RAW = Place
START, OTHER = format_moment(ago(1)), "+46701740606"


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


def lay(source: Source) -> int:
    """A call with words in every place, and somebody else beside; its id."""
    at, party = ago(1), {"phone": PHONE}
    source.tell(
        told("one", at, 0, "session.started", media="phone", identifiers=party),
        told(
            "one", at, 1, "consent.given", purpose="quality", how="1", question=SECRET
        ),
        told("one", at, 9, "session.ended", outcome="answered"),
        told(
            "two", at, 0, "session.started", media="phone", identifiers={"phone": OTHER}
        ),
    )
    source.put("one", started_at=START, subject=SECRET, others=[{"email": EMAIL}])
    source.put_survey("one", score=4, comment=SECRET, at=START)
    return int(source.id_of("one"))


def plan(
    source: Source,
    *places: Place,
    interactions: frozenset[int] = frozenset(),
    **more: Any,
) -> Job:
    """Of somebody by their number, or of chosen interactions."""
    caller = Caller(source.tenant, OPERATOR, frozenset(Right))
    options = Options(anonymise=True, leaves=leaves_of(places), **more)
    typed = () if interactions else ((Kind.PHONE, PHONE),)
    wanted = planning.Wanted(typed=typed, interactions=interactions, options=options)
    return planning.plan(caller, wanted, now=ago(0))


def forget(source: Source, *places: Place, most: int | None = None, **more: Any) -> Job:
    job = plan(source, *places, **more)
    jobs.approve(source.tenant, job.id, at_night=False, now=ago(0))
    return kinds.run(source.tenant, job.id, now=ago(0), most=most)


def raw(source: Source) -> str:
    answer = source.ask("GET", "/raw-events")
    return str(answer.getvalue().decode())


def note(job: Job) -> str:
    with scope.reading(job.tenant_id):
        return str(receipt_of(job.id)["note"])


def of_phone(source: Source) -> list[int]:
    with scope.reading(source.tenant.id):
        named = Interaction.objects.get(session_id="one").phone_id
    assert named is not None
    return [named]


def opens(source: Source, kind: KeyKind, ids: list[int]) -> bool:
    return bool(keys.read(source.tenant.id, kind, ids))


def test_raw_data_that_is_left_still_tells_the_person(source: Source) -> None:
    laid = lay(source)
    ids = of_phone(source)

    job = forget(source, ARCHIVE, SURVEYS)

    item = source.item("one")
    assert (job.state, item["identifiers"]["phone"]) == ("done", None)
    assert (item["subject"], item["survey"]["comment"]) == (None, None)
    assert item["survey"]["score"] == 4
    assert PHONE in raw(source)
    assert opens(source, KeyKind.IDENTIFIER, ids)
    assert opens(source, KeyKind.TEXT, [laid])
    assert "places archive, surveys\nleft raw_data\n" in note(job)


def test_what_was_left_goes_with_a_later_job(source: Source) -> None:
    laid = lay(source)
    ids = of_phone(source)
    forget(source, ARCHIVE, SURVEYS)

    job = forget(source, *Place)

    assert (job.state, job.total) == ("done", 1)
    assert PHONE not in raw(source)
    assert not opens(source, KeyKind.IDENTIFIER, ids)
    assert not opens(source, KeyKind.TEXT, [laid])
    assert not source.rows(Identifier, id__in=ids)
    assert "places archive, surveys, raw_data\nstate" in note(job)


def test_what_was_written_and_kept_goes_with_a_later_job(source: Source) -> None:
    laid = lay(source)
    forget(source, *Place, keep_text=True)
    assert source.item("one")["subject"] == SECRET

    job = forget(source, *Place, interactions=frozenset({laid}))

    (row,) = source.rows(Interaction, id=laid)
    assert (job.state, row.text, row.flags & Flag.TEXT) == ("done", None, 0)
    assert source.item("one")["subject"] is None
    assert not opens(source, KeyKind.TEXT, [laid])


def test_whom_raw_data_alone_still_tells_is_linked_to_nothing_and_named_nowhere(
    source: Source,
) -> None:
    lay(source)
    (named,) = of_phone(source)
    told_and_shared(source, named)

    assert forget(source, ARCHIVE, SURVEYS).state == "done"

    assert of_link(source) == [(0, 0)]
    assert not source.rows(Entry, identifier_id=named)


def test_who_stands_elsewhere_still_is_linked_and_named_as_before(
    source: Source,
) -> None:
    laid = lay(source)
    (named,) = of_phone(source)
    told_and_shared(source, named)
    with scope.writing(source.tenant.id):
        Interaction.objects.filter(id=laid).update(held=True)

    assert forget(source, ARCHIVE, SURVEYS).state == "partly"

    assert of_link(source) == [(named, named)]
    assert source.rows(Entry, identifier_id=named)


def told_and_shared(source: Source, named: int) -> None:
    """Another's interaction was shared with them, and the log says that of them."""
    moments = dict.fromkeys(("created_at", "expires_at"), ago(0))
    sent_to = dict.fromkeys(("recipient_id", "code_to_id"), named)
    another = int(source.id_of("two"))
    with scope.writing(source.tenant.id):
        SecureLink.objects.create(
            interaction_id=another, hash=b"-", most_plays=1, **sent_to, **moments
        )
        act = Act(Action.SEND, another, identifier_id=named)
        record(act, actor=OPERATOR, now=ago(0))


def of_link(source: Source) -> list[tuple[int, int]]:
    return [(row.recipient_id, row.code_to_id) for row in source.rows(SecureLink)]


def test_a_comment_that_is_left_keeps_its_key(source: Source) -> None:
    laid = lay(source)
    ids = of_phone(source)

    job = forget(source, ARCHIVE, RAW)

    item = source.item("one")
    assert (item["identifiers"]["phone"], item["subject"]) == (None, None)
    assert item["survey"]["comment"] == SECRET
    assert not opens(source, KeyKind.IDENTIFIER, ids)
    assert opens(source, KeyKind.TEXT, [laid])
    assert job.total == 1
    assert PHONE not in raw(source)


def test_an_archive_that_is_left_shows_what_it_showed(source: Source) -> None:
    lay(source)
    ids = of_phone(source)

    job = forget(source, SURVEYS, RAW)

    item = source.item("one")
    assert (item["identifiers"]["phone"], item["subject"]) == (PHONE, SECRET)
    assert (item["anonymised_at"], item["survey"]["comment"]) == (None, None)
    assert PHONE not in raw(source)
    assert opens(source, KeyKind.IDENTIFIER, ids)
    assert "places surveys, raw_data\nleft archive\n" in note(job)
    late = told("one", ago(1), 20, "registration.added", category="A", topic="B")
    source.tell(late)
    assert source.item("one")["identifiers"]["phone"] == PHONE


def test_what_is_told_later_brings_nothing_back(source: Source) -> None:
    """The text key lives for raw data, and the source still speaks of the call."""
    lay(source)
    forget(source, ARCHIVE, SURVEYS)

    source.tell(told("one", ago(1), 20, "queue.entered", queue="Claims"))
    source.put("one", started_at=source.item("one")["started_at"],
               subject=SECRET)  # fmt: skip

    item = source.item("one")
    assert (item["subject"], item["variables"]) == (None, {})
    assert item["consents"][0]["question"] is None


def test_a_job_that_was_stopped_keeps_what_it_leaves(source: Source) -> None:
    lay(source)

    begun = forget(source, ARCHIVE, most=1)

    assert (begun.state, begun.gone_at is not None) == ("waiting", True)
    assert not jobs.may_cancel(begun)
    assert kinds.run_waiting(source.tenant, now=ago(0))
    assert PHONE in raw(source)
    assert source.item("one")["survey"]["comment"] == SECRET
    assert source.item("one")["identifiers"]["phone"] is None


def test_another_who_stands_there_goes_from_raw_data_alone(source: Source) -> None:
    lay(source)
    forget(source, RAW)

    assert (PHONE in raw(source), OTHER in raw(source)) == (False, True)
    assert source.item("one")["others"][0]["email"] == EMAIL


def test_content_alone_goes_whatever_else_is_left(source: Source) -> None:
    lay(source)
    caller = Caller(source.tenant, OPERATOR, frozenset(Right))
    options = Options(delete=EVERYTHING, leaves=leaves_of([RAW]))
    wanted = planning.Wanted(typed=((Kind.PHONE, PHONE),), options=options)
    job = planning.plan(caller, wanted, now=ago(0))
    assert job.places["archive"] == 1
    jobs.approve(source.tenant, job.id, at_night=False, now=ago(0))

    job = kinds.run(source.tenant, job.id, now=ago(0))

    assert job.state == "done"
    assert "left" not in note(job)


def test_the_preview_counts_what_is_chosen(source: Source) -> None:
    lay(source)

    counted = plan(source, SURVEYS).places

    assert counted == {"surveys": 1, "held": 0}
    assert set(plan(source, ARCHIVE, RAW).places) >= {"archive", "raw_data"}


@pytest.mark.parametrize(("places", "delete"), [((), ()), ((RAW,), EVERYTHING)])
def test_what_contradicts_itself_is_refused(
    source: Source, places: tuple[Place, ...], delete: Any
) -> None:
    with pytest.raises(Malformed):
        plan(source, *places, delete=delete)
