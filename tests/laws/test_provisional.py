"""Laws 1, 2 and 12: at each moment content is there only if it may be.

A call's recording is uploaded, and the call told, in an order and number that
hypothesis chooses. A small model says after each step whether the recording may be
heard, waits, or is gone for good; what is refused leaves no key and no byte, and
nothing brings it back. The call's queue keeps a recording only if it is saved.
"""

import os
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cast import OPERATOR
from tests.intake.asking import Source, event
from tests.intake.importing import lay, run
from tests.intake.made import beside, inline, vcon, written
from tests.intake.sounds import tone, wav
from tests.laws.laying import ago
from valv.core.interaction import decoded
from valv.core.recording_policy import Policy
from valv.storage import blobstore, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent, SealingKey
from valv.tenants.operations import set_recording_policy

SOUND = wav(tone(440, seconds=0.1))
_numbers = count(1)
few = settings(
    max_examples=int(os.environ.get("VALV_SOAK") or 8),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LEFT, ENDED = 9, 12
CALL: dict[int, tuple[str, dict[str, Any]]] = {
    0: ("session.started", {"media": "phone"}),
    1: ("queue.entered", {"queue": "Support"}),
    2: ("agent.connected", {"agent": "a7"}),
    3: ("recording.started", {"n": 1, "agent": "a7"}),
    5: ("recording.requested", {"action": "save"}),
    6: ("recording.requested", {"action": "unsave"}),
    7: ("recording.requested", {"action": "save"}),
    LEFT: ("agent.disconnected", {"agent": "a7"}),
    10: ("agent.connected", {"agent": "a8"}),
    11: ("recording.requested", {"action": "unsave"}),
    ENDED: ("session.ended", {}),
}
DENIAL = {8: ("variable.set", {"name": "deny_recording", "value": "Yes"})}
SAVES, UNSAVES = {5, 7}, {6, 11}
UPLOAD = -1


@dataclass
class Model:
    """What may be heard, by what was told so far."""

    told: set[int] = field(default_factory=set)
    is_held: bool = False
    is_gone: bool = False

    def verdict(self) -> str:
        if 8 in self.told:
            return "no"
        if 1 not in self.told:
            return "yes"  # of what is told, nothing speaks against it
        left = LEFT if {2, LEFT} <= self.told else None
        end = left or (ENDED if ENDED in self.told else None)
        said = [
            at for at in sorted(self.told & (SAVES | UNSAVES))
            if end is None or at <= end
        ]  # fmt: skip
        if end is None:
            return "wait"
        return "yes" if said and said[-1] in SAVES else "no"

    def tell(self, numbers: set[int]) -> None:
        self.told |= numbers
        if self.is_held and self.verdict() == "no":
            self.is_held, self.is_gone = False, True

    def upload(self) -> int:
        """The answer there must be."""
        if self.is_gone:
            return 410
        if self.verdict() == "no":
            self.is_gone = True
            return 403
        was, self.is_held = self.is_held, True
        return 200 if was else 201

    def heard(self) -> int:
        if self.is_held and self.verdict() == "yes":
            return 200
        refused = self.is_gone or (3 in self.told and self.verdict() == "no")
        return 410 if refused else 404


def steps(call: dict[int, Any]) -> st.SearchStrategy[list[Any]]:
    """Events in any order or in their own, some told twice, and uploads among them."""
    in_order = st.integers(0, len(call)).map(
        lambda at: [*list(call)[:at], UPLOAD, *list(call)[at:]]
    )
    order = st.one_of(in_order, st.permutations([*call, UPLOAD]))
    again = st.lists(st.sampled_from([*call, UPLOAD, UPLOAD]), max_size=3)
    return st.tuples(order, again).map(lambda both: [*both[0], *both[1]])


def lay_policy(source: Source) -> None:
    rule = {"mode": "pending", "on": "queue", "name": "Support"}
    policy = decoded({"rules": [rule]}, Policy)
    set_recording_policy(source.tenant, policy, actor=OPERATOR, now=ago(0))


def seen(source: Source, session: str) -> tuple[int, int, bool]:
    """Whether it is heard, found by its recording, and listed as present."""
    hits = source.ask("GET", f"/interactions?session={session}").json()["items"]
    if not hits:
        return 404, 0, False
    heard = source.ask("GET", f"/interactions/{hits[0]['id']}/recordings/1")
    filters = f"session={session}&has_recording=true"
    found = source.ask("GET", f"/interactions?{filters}").json()["items"]
    listed = [one["state"] == "present" for one in hits[0]["contents"]]
    return heard.status_code, len(found), any(listed)


def held(source: Source) -> int:
    """Living keys of content, and blobs, that are there at all."""
    keys = SealingKey.objects.using("keys").filter(
        tenant_id=source.tenant.id, kind=KeyKind.CONTENT
    )
    with scope.reading(source.tenant.id):
        waiting = Intent.objects.count()
    blobs = list(blobstore.store().list(str(source.tenant.id)))
    return keys.count() + len(blobs) + waiting


def play_through(source: Source, call: dict[int, Any], order: list[int]) -> None:
    lay_policy(source)
    session, model, before = f"P{next(_numbers)}", Model(), held(source)
    for step in order:
        if step == UPLOAD:
            path = f"/interactions/{session}/recordings/1?agent=a7"
            answer = source.ask("PUT", path, SOUND).status_code
            wanted = model.upload()
            # A denial is answered by its name each time; other refusals, once.
            assert answer == wanted or {answer, wanted} == {403, 410}
        else:
            type_, data = call[step]
            source.tell(event(step, type_, session=session, **data))
            model.tell({step})
        is_there = model.heard() == 200
        assert seen(source, session) == (model.heard(), int(is_there), is_there)
    if model.is_gone:
        assert held(source) == before


@few
@given(order=steps(CALL))
def test_a_recording_is_there_only_if_it_was_saved(
    source: Source, order: list[int]
) -> None:
    play_through(source, CALL, order)


@few
@given(order=steps(CALL | DENIAL))
def test_a_recording_that_was_denied_is_gone_whatever_else_was_said(
    source: Source, order: list[int]
) -> None:
    play_through(source, CALL | DENIAL, order)


@pytest.mark.parametrize("last", [LEFT, ENDED])
def test_transfer_and_hang_up_alike_end_the_time_to_save(
    source: Source, last: int
) -> None:
    """Uploaded twice while it waits, and once more when it is gone."""
    play_through(source, CALL, [0, 1, 2, 3, UPLOAD, UPLOAD, last, 5, UPLOAD])


SESSION = "0190aaaa-0000-8000-8000-000000000077"


def uploaded(source: Source, _folder: Path) -> None:
    source.ask("PUT", f"/interactions/{SESSION}/recordings/1?agent=a7", SOUND)


def posted(source: Source, _folder: Path) -> None:
    made = vcon(SESSION, recording=inline(SOUND))
    source.ask("POST", "/vcons", written(made))


def imported(source: Source, folder: Path) -> None:
    made = written(vcon(SESSION, recording=beside(sound=SOUND)))
    run(source.tenant, lay(folder / "in", call__vcon__json=made, call__wav=SOUND))


@pytest.mark.parametrize(
    "way", [uploaded, posted, imported], ids=lambda way: way.__name__
)
@pytest.mark.parametrize("saved", [True, False], ids=["saved", "unsaved"])
@pytest.mark.parametrize("first", ["told", "brought"])
def test_by_every_way_in_only_what_was_saved_is_kept(
    source: Source, tmp_path: Path, way: Any, saved: bool, first: str
) -> None:
    lay_policy(source)
    numbers = [n for n in CALL if n not in UNSAVES and (saved or n not in SAVES)]
    events = [event(n, CALL[n][0], session=SESSION, **CALL[n][1]) for n in numbers]

    if first == "brought":
        way(source, tmp_path)
    source.tell(*events)
    way(source, tmp_path)

    kinds = {(c["kind"], c["state"]) for c in source.item(SESSION)["contents"]}
    expected = "present" if saved else "refused"
    assert {state for _, state in kinds} == {expected}
    assert (held(source) > 0) == saved
    heard = source.ask("GET", f"/interactions/{source.id_of(SESSION)}/recordings/1")
    assert heard.status_code == (200 if saved else 410)
