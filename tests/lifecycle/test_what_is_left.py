"""A job that forgets looks for what should be gone, and is not done while any is there.

Each is planted alone, where the job has just been.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.cast import OPERATOR
from tests.held import lay_content
from tests.intake.asking import Source
from tests.laws.laying import PHONE, SECRET, ago
from valv.archive.models import Interaction, SecureLink, Survey
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.identifiers import Kind
from valv.core.moments import format_moment
from valv.core.people import SYSTEM
from valv.core.permissions import Right
from valv.lifecycle import jobs, planning
from valv.lifecycle.forget import FORGET
from valv.lifecycle.jobs import Running
from valv.lifecycle.models import JobItem
from valv.lifecycle.plans import EVERYTHING, ItemState, Options, Place, leaves_of
from valv.storage import intents, keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
ALL = Options(anonymise=True, delete=EVERYTHING)
BUT_RAW_DATA = Options(anonymise=True, leaves=leaves_of([Place.ARCHIVE, Place.SURVEYS]))
START = format_moment(ago(1))
Plant = Callable[[Running, int, int], None]


@pytest.fixture
def source(acme: Tenant) -> Source:
    """Somebody who called once, with a comment; and another, who called too."""
    source = Source.of(acme)
    source.put("one", started_at=START, subject=SECRET, identifiers={"phone": PHONE})
    source.put_survey("one", score=4, comment=SECRET, at=START)
    source.put("two", started_at=START, identifiers={"phone": "+46701740606"})
    return source


def a_waiting_interaction(running: Running, call: int, who: int) -> None:
    items = JobItem.objects.filter(job_id=running.job.id)
    items.update(state=ItemState.WAITING)


def one_that_came_late(running: Running, call: int, who: int) -> None:
    Interaction.objects.filter(session_id="two").update(email_id=who)


def a_living_key(running: Running, call: int, who: int) -> None:
    keys.create(running.tenant.id, KeyKind.IDENTIFIER, [who])


def a_living_text_key(running: Running, call: int, who: int) -> None:
    keys.create(running.tenant.id, KeyKind.TEXT, [call])


def somebody_on_it(running: Running, call: int, who: int) -> None:
    another = Interaction.objects.get(session_id="two").phone_id
    Interaction.objects.filter(id=call).update(handle_id=another)


def a_link_to_them(running: Running, call: int, who: int) -> None:
    moments = dict.fromkeys(("created_at", "expires_at"), running.now)
    of = Interaction.objects.get(session_id="two").id
    to = {"recipient_id": 0, "code_to_id": who}
    SecureLink.objects.create(
        interaction_id=of, hash=b"-", most_plays=1, **to, **moments
    )


def an_entry_that_names_them(running: Running, call: int, who: int) -> None:
    record(Act(Action.SEND, identifier_id=who), actor=SYSTEM, now=running.now)


def a_comment(running: Running, call: int, who: int) -> None:
    Survey.objects.filter(interaction_id=call).update(comment=b"-")


def a_recording(running: Running, call: int, who: int) -> None:
    lay_content(running.tenant, call)


@pytest.mark.parametrize(
    ("plant", "word", "options"),
    [
        (a_waiting_interaction, "interactions", ALL),
        (one_that_came_late, "late", ALL),
        (a_living_key, "keys", ALL),
        (a_living_text_key, "keys", ALL),
        (somebody_on_it, "links", ALL),
        (a_link_to_them, "recipients", ALL),
        (an_entry_that_names_them, "entries", ALL),
        (a_recording, "contents", ALL),
        (a_comment, "words", BUT_RAW_DATA),
    ],
)
def test_what_is_left_is_told_and_the_job_is_not_done(
    source: Source,
    plant: Plant,
    word: str,
    options: Options,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ((call, who),) = (
        (row.id, row.phone_id) for row in source.rows(Interaction, session_id="one")
    )
    caller = Caller(source.tenant, OPERATOR, frozenset(Right))
    wanted = planning.Wanted(typed=((Kind.PHONE, PHONE),), options=options)
    job = planning.plan(caller, wanted, now=ago(0))
    jobs.approve(source.tenant, job.id, at_night=False, now=ago(0))

    def planting(running: Running) -> bool:
        intents.finish(running.tenant.id)
        with scope.writing(running.tenant.id):
            plant(running, call, who)
        return False

    kind = replace(FORGET, steps=(*FORGET.steps, planting))
    ended: Any = jobs.run(source.tenant, job.id, kind, now=ago(0))

    assert (ended.state, ended.report["failed"]) == ("partly", 1)
    assert caplog.messages == [f"job {job.id} is not done: {word}"]
