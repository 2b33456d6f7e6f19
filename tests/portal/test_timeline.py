"""Where the steps of an interaction stand on its timeline."""

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from tests.cast import NOW
from tests.intake.asking import Source
from tests.portal.spoken import event
from valv.archive.detail import see_detail
from valv.portal.builders.timeline import steps_of
from valv.tenants.models import Tenant, User
from valv.tenants.signin import caller_of_user

if TYPE_CHECKING:
    from valv.portal.contexts.interaction import Step


@pytest.fixture
def consult(acme: Tenant, alma: User) -> "tuple[Step, ...]":
    """A call of a hundred seconds, in which Bo asks Cleo."""
    source = Source.of(acme)
    source.tell(
        event("S", "session.started", 0, media="phone"),
        event("S", "queue.entered", 0, queue="Support"),
        event("S", "agent.connected", 40, agent="bo", name="Bo Ek"),
        event("S", "agent.connected", 60, agent="cleo", name="Cleo Lind"),
        event("S", "agent.disconnected", 80, agent="cleo"),
        event("S", "consent.refused", 90, purpose="storage"),
        event("S", "session.ended", 100),
    )
    detail = see_detail(caller_of_user(alma), source.id_of("S"), now=NOW)
    with translation.override("en"):
        return steps_of(detail)


def test_the_steps_follow_each_other(consult: "tuple[Step, ...]") -> None:
    assert [(step.kind, step.label) for step in consult] == [
        ("queue", "Support"),
        ("conversation", "Bo Ek"),
        ("consult", "Bo Ek, Cleo Lind"),
        ("conversation", "Bo Ek"),
        ("consent", "Storage refused"),
    ]


def test_each_stands_at_its_share_of_the_whole(consult: "tuple[Step, ...]") -> None:
    assert [(step.left, step.width) for step in consult] == [
        (0, 40),
        (40, 20),
        (60, 20),
        (80, 20),
        (90, 0),
    ]


def test_a_moment_has_no_length(consult: "tuple[Step, ...]") -> None:
    assert [step.seconds for step in consult] == [40, 20, 20, 20, None]


def test_a_pause_in_a_recording_is_marked(acme: Tenant, alma: User) -> None:
    source = Source.of(acme)
    source.tell(
        event("S", "session.started", 0, media="phone"),
        event("S", "recording.started", 0, n=1),
        event("S", "recording.stopped", 40, n=1),
        event("S", "recording.started", 60, n=1),
        event("S", "recording.stopped", 100, n=1),
    )
    detail = see_detail(caller_of_user(alma), source.id_of("S"), now=NOW)

    assert [(one.kind, one.label, one.left, one.width) for one in steps_of(detail)] == [
        ("recording", "1", 0, 40),
        ("paused", "1", 40, 20),
        ("recording", "1", 60, 40),
    ]
