"""The example calls show what they are named after."""

from datetime import timedelta

import pytest

from tests.cast import NOW, OPERATOR
from tests.intake.asking import Source
from valv.archive.detail import see_detail
from valv.jobs.demo import telling
from valv.jobs.demo.examples import BY_NAME, EXAMPLES, POLICY
from valv.portal.builders.timeline import steps_of
from valv.tenants.models import Tenant, User
from valv.tenants.operations import set_recording_policy
from valv.tenants.signin import caller_of_user

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ("menu", "queue", "callback", "conversation", "consult", "recording", "paused")
# The stretches drawn, in order of time, and what became of the recordings.
SHOWN: dict[str, tuple[str, list[str]]] = {
    "transfer": (
        "menu queue conversation recording queue conversation recording",
        ["present", "present"],
    ),
    "consult": (
        "menu queue conversation recording consult consult conversation",
        ["present"],
    ),
    "callback": ("menu queue callback conversation recording", ["present"]),
    "abandoned": ("menu queue", []),
    "two-queues": ("menu queue queue conversation recording", ["present"]),
    "pending-saved": ("queue conversation recording", ["present"]),
    "pending-unsaved": ("queue conversation recording", ["refused"]),
    "manual-start": ("queue conversation recording", ["present"]),
    "refused": ("menu queue conversation", ["refused"]),
    "restricted": ("menu queue conversation recording", ["present"]),
    "outbound": ("callback conversation recording", ["present"]),
    "internal": ("conversation recording", ["present"]),
    "overnight": ("menu queue callback conversation recording", ["present"]),
    "pause": ("menu queue conversation recording paused recording", ["present"]),
}


def test_all_of_them_are_described() -> None:
    assert SHOWN.keys() == BY_NAME.keys()
    assert len({one.session_id for one in EXAMPLES}) == len(EXAMPLES)


def test_each_shows_what_it_is_named_after(
    acme: Tenant, alma: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_recording_policy(
        acme, POLICY, actor=OPERATOR, now=NOW - timedelta(days=9), reason="Demo"
    )
    source, shown = Source.of(acme), {}
    for example in EXAMPLES:
        telling.tell(acme, example, actor=OPERATOR, now=NOW)
        item = source.item(example.session_id)
        detail = see_detail(caller_of_user(alma), item["id"], now=NOW)
        drawn = [step.kind for step in steps_of(detail) if step.kind in KINDS]
        states = [one["state"] for one in item["contents"]]
        shown[example.name] = (" ".join(drawn), states)
        assert item["state"] == "complete"

    assert shown == SHOWN
    assert source.item("example-restricted")["restricted"]
    (refused,) = source.item("example-refused")["contents"]
    assert refused["removed"]["reason"] == "deny_recording"
    (unsaved,) = source.item("example-pending-unsaved")["contents"]
    assert unsaved["removed"]["reason"] == "not_saved"
