"""Laws 5 to 10 and 12 together: an archive, and a plain model of what it must hold.

Calls arrive (again, late, of the same people), their sound is deleted, holds are placed
and released, storage times change, people are forgotten, and nights are run, some cut
short at a step and run again. Copies are made, all is lost, and a copy is put back with
the newest keys. After each of these the archive is the model's: what is shown, what
opens, who is known, which keys and bytes there are; and the log verifies.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.cast import OPERATOR, make_token
from tests.crash.faults import Faults, Killed, failing
from tests.intake.asking import Source
from tests.laws.copied import STEPS, Copied, lost, put_back
from tests.laws.laying import SOUND, ago, blobs, living
from tests.laws.test_nothing_outlives import check_nothing_outlives
from valv.archive.identifiers import lookup
from valv.archive.models import Identifier, Interaction
from valv.core.identifiers import Kind
from valv.core.moments import format_moment
from valv.core.permissions import Right
from valv.core.retention import FOREVER, StorageTimes
from valv.jobs.command import OK, REFUSED, main
from valv.lifecycle import forget, holds, jobs, lease, night, nightly
from valv.storage import copies, intents, keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.operations import create_tenant, set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)
SOAKED = os.environ.get("VALV_SOAK")
_numbers = count(1)
PHONES = ("+46701110001", "+46701110002")
SESSIONS = ("a", "b", "c", "d")
AGES = {"a": 1, "b": 5, "c": 5, "d": 15}
GENERAL, OWN = (3, 10, FOREVER), (2, 10, None)
PLACES: list[tuple[Any, str]] = [
    (night, "tried"),
    (jobs, "tried"),
    (forget, "tried"),
    (keys, "destroy"),
    (intents, "_discard"),
    (intents, "_strike"),
]
phones, sessions = st.sampled_from(PHONES), st.sampled_from(SESSIONS)
which = st.integers(0, 11)


@dataclass
class Call:
    """What must be shown of a call; ``sound`` is the state of its recording.

    Another that comes under the same session when it has gone has another ``number``.
    """

    phone: str | None
    sound: str = ""
    is_cut: bool = False
    holds: set[int] = field(default_factory=set)
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass
class Pending:
    """Somebody whom a hold still keeps, and on which calls."""

    phone: str
    deletes: bool
    calls: set[str]


class Archive(RuleBasedStateMachine):
    tenant: Tenant

    @initialize()
    def begin(self) -> None:
        slug = f"life-{next(_numbers)}"
        self.tenant = create_tenant(
            slug, name=slug, region="SE", timezone="UTC", actor=OPERATOR, now=ago(0)
        )
        self.source = Source(
            self.tenant, make_token(self.tenant), Source.of(self.tenant).client
        )
        self.calls: dict[str, Call] = {}
        self.pending: list[Pending] = []
        self.holds: dict[int, str] = {}
        self.copy: Copied | None = None
        self.left: frozenset[Any] = frozenset()
        self.folder = Path(tempfile.mkdtemp(prefix="valv-copies-"))
        self.keep(FOREVER, None)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(session=sessions, phone=phones, sounds=st.booleans())
    def arrives(self, session: str, phone: str, *, sounds: bool) -> None:
        start = format_moment(ago(AGES[session]))
        phone = self._whose(session) or phone
        self.source.put(
            session,
            started_at=start,
            ended_at=start,
            identifiers={"phone": phone},
            subject="x",
        )
        call = self.calls.setdefault(session, Call(None))
        if not call.is_cut:
            call.phone = phone
        if sounds:
            self._sounds(session, call, start)

    def _sounds(self, session: str, call: Call, start: str) -> None:
        path = f"/interactions/{session}/recordings/1?started_at={start}"
        answer = self.source.ask("PUT", path, SOUND).status_code
        gone = call.sound in ("deleted", "expired")
        refused = call.is_cut and call.sound in ("", "refused")
        assert (answer == 410, answer == 403) == (gone, refused)
        if not gone:
            call.sound = "refused" if refused else "present"

    def _whose(self, session: str) -> str | None:
        """A call that a copy knows stays whose it is, or who can tell what comes back.

        Its number may go when it is taken off the last call that it stood on.
        """
        call = self.calls.get(session)
        copied = self.copy.calls.values() if self.copy else ()
        known = {one.number for one in copied}
        return call.phone if call is not None and call.number in known else None

    def _one(self, which: int) -> str:
        return sorted(self.calls)[which % len(self.calls)]

    @precondition(lambda self: self.calls)
    @rule(which=which)
    def is_deleted(self, which: int) -> None:
        session = self._one(which)
        call = self.calls[session]
        path = f"/interactions/{self.source.id_of(session)}/recordings/1"
        answer = self.source.ask("DELETE", path).status_code
        expected = {"": 404, "present": 204}.get(call.sound, 410)
        assert answer == (403 if call.holds and call.sound == "present" else expected)
        if answer == 204:
            call.sound = "deleted"

    @precondition(lambda self: self.calls)
    @rule(which=which)
    def is_held(self, which: int) -> None:
        session = self._one(which)
        matter = holds.Matter(name=f"M{next(_numbers)}", owner="Cleo", reason="x")
        wanted = holds.Wanted(interactions=frozenset({int(self.source.id_of(session))}))
        caller = Caller(self.tenant, OPERATOR, frozenset(Right))
        placed = holds.place(caller, matter, wanted, now=ago(0))
        self.holds[placed.hold.id] = session
        self.calls[session].holds.add(placed.hold.id)

    @precondition(lambda self: self.holds)
    @rule()
    def is_released(self) -> None:
        hold, session = self.holds.popitem()
        caller = Caller(self.tenant, OPERATOR, frozenset(Right))
        holds.release(caller, hold, reason="x", now=ago(0))
        self.calls[session].holds.discard(hold)

    @rule(general=st.sampled_from(GENERAL), own=st.sampled_from(OWN))
    def keep(self, general: Any, own: Any) -> None:
        self.times = StorageTimes(general=general, recordings=own)
        set_storage_times(self.tenant, self.times, actor=OPERATOR, now=ago(0))

    @precondition(lambda self: self.calls)
    @rule(phone=phones, deletes=st.booleans())
    def is_forgotten(self, phone: str, *, deletes: bool) -> None:
        words = ["--tenant", self.tenant.slug, "--phone", phone, "--yes"]
        more = ["--delete-content"] if deletes else []
        code = main(["forget", *words, *more], user="root")
        meant = {s for s, call in self.calls.items() if call.phone == phone}
        job = Pending(phone, deletes, meant)
        self._cut(job)
        assert code == (REFUSED if job.calls else OK)
        self.pending += [job] if job.calls else []

    def _cut(self, job: Pending) -> None:
        """What a job does; of its calls those are left that a hold keeps."""
        of_them = {s for s, call in self.calls.items() if call.phone == job.phone}
        if not any(self.calls[s].holds for s in of_them):
            job.calls |= of_them
        for session in [s for s in job.calls if not self.calls[s].holds]:
            call = self.calls[session]
            call.phone, call.is_cut = None, True
            if job.deletes and call.sound == "present":
                call.sound = "deleted"
            job.calls.discard(session)

    @rule(at=st.integers(0, 9), done=st.booleans())
    def night(self, at: int, *, done: bool) -> None:
        """One that may be killed at a step, and is then run again."""
        faults = Faults(at, Killed, done=done)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lease, "is_dead", lambda _: True)
            with failing(faults, PLACES), suppress(Killed):
                self._night()
            assert self._night().is_whole
        for job in self.pending:
            self._cut(job)
        self.pending = [job for job in self.pending if job.calls]
        self._expire()

    def _night(self) -> nightly.Report:
        now = ago(0)
        return nightly.run(self.tenant, nightly.today(self.tenant, now), now=now)

    def _expire(self) -> None:
        general, own = self.times.general, self.times.recordings
        for session, call in list(self.calls.items()):
            age = AGES[session]
            if call.holds:
                continue
            if isinstance(general, int) and age > general:
                del self.calls[session]
            elif isinstance(own, int) and age > own and call.sound == "present":
                call.sound = "expired"

    @precondition(lambda self: self.calls)
    @rule()
    def is_copied(self) -> None:
        self.copy = Copied(
            copies.back_up(self.folder, now=ago(next(_numbers))),
            deepcopy(self.calls),
            deepcopy(self.pending),
            dict(self.holds),
            self.times,
            self._stored(),
        )

    def _stored(self) -> frozenset[Any]:
        return frozenset(living(self.tenant) | blobs(self.tenant))

    @precondition(lambda self: self.copy)
    @rule(at=st.integers(0, 9), done=st.booleans())
    def is_put_back(self, at: int, *, done: bool) -> None:
        """A copy of any age, with the keys of today; perhaps not at the first try."""
        assert self.copy is not None
        copies.back_up(self.folder, now=ago(next(_numbers)))
        before = self._stored()
        faults = Faults(at, Killed, done=done)
        with lost():
            try:
                with failing(faults, STEPS):
                    put_back(self.folder, self.copy.stamp)
            except Killed:
                put_back(self.folder, self.copy.stamp)
        self.left |= before - self.copy.stored
        self._go_back(self.copy)

    def _go_back(self, copy: Copied) -> None:
        """As it was then, less all that went since: that comes back as nobody's."""
        now = {call.number: call for call in self.calls.values()}
        self.calls, self.pending = deepcopy(copy.calls), deepcopy(copy.pending)
        self.holds, self.times = dict(copy.holds), copy.times
        for call in self.calls.values():
            gone = Call(None, "expired", is_cut=True)
            today = now.get(call.number, gone)
            if today.is_cut:
                call.phone, call.is_cut = None, True
            if call.sound == "present" and today.sound != "present":
                call.sound = "deleted"
        known = {call.phone for call in self.calls.values()}
        for job in self.pending:
            job.phone = job.phone if job.phone in known else ""

    def look(self) -> None:
        self.what_is_shown_is_the_model()
        self.what_is_present_opens()
        self.nobody_else_is_known()
        self.what_is_sealed_opens()
        self.nothing_outlives()

    @invariant()
    def what_is_shown_is_the_model(self) -> None:
        shown = self.source.ask("GET", "/interactions?limit=500").json()["items"]
        found = {one["session_id"]: one for one in shown}
        assert found.keys() == self.calls.keys()
        for session, call in self.calls.items():
            item = found[session]
            sounds = [one["state"] for one in item["contents"]]
            assert item["identifiers"]["phone"] == call.phone
            assert item["subject"] == (None if call.is_cut else "x")
            assert bool(item["anonymised_at"]) == call.is_cut
            assert item["held"] == bool(call.holds)
            assert sounds == ([call.sound] if call.sound else [])

    @invariant()
    def what_is_present_opens(self) -> None:
        for session, call in self.calls.items():
            if call.sound:
                path = f"/interactions/{self.source.id_of(session)}/recordings/1"
                code = self.source.ask("GET", path).status_code
                assert code == (200 if call.sound == "present" else 410)

    @invariant()
    def nobody_else_is_known(self) -> None:
        known = {call.phone for call in self.calls.values()}
        with scope.reading(self.tenant.id):
            for phone in PHONES:
                found = lookup(self.tenant, Kind.PHONE, phone)
                assert bool(found) or phone not in known

    @invariant()
    def what_is_sealed_opens(self) -> None:
        with scope.reading(self.tenant.id):
            told = Identifier.objects.exclude(hash=None, sealed=None)
            written = Interaction.objects.exclude(text=None)
            sealed: dict[KeyKind, Any] = {
                KeyKind.IDENTIFIER: told,
                KeyKind.TEXT: written,
            }
            for kind, rows in sealed.items():
                ids = set(rows.values_list("id", flat=True))
                assert keys.read(self.tenant.id, kind, ids).keys() == ids

    @invariant()
    def nothing_outlives(self) -> None:
        check_nothing_outlives(self.tenant, left=self.left)


@pytest.mark.usefixtures("acme")
def test_the_archive_lives_as_the_model_does() -> None:
    run_state_machine_as_test(
        Archive,
        settings=settings(
            max_examples=int(SOAKED or 2),
            stateful_step_count=25,
            derandomize=not SOAKED,  # the same lives in each run, others in a soak
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.usefixtures("acme")
def test_what_ended_since_a_copy_was_made_does_not_come_back() -> None:
    """Not of whom others still tell either, nor what only its time ended."""
    life, (one, other) = Archive(), PHONES
    life.begin()
    for session, phone in zip(SESSIONS, (one, other, other, one), strict=True):
        life.arrives(session, phone, sounds=True)
    life.is_held(SESSIONS.index("b"))
    life.is_copied()

    life.is_deleted(SESSIONS.index("a"))
    life.is_forgotten(other, deletes=True)
    life.keep(10, None)
    life.night(3, done=True)
    shown = {session: (c.phone, c.sound) for session, c in life.calls.items()}
    assert shown == {
        "a": (one, "deleted"),
        "b": (other, "present"),
        "c": (None, "deleted"),
    }
    life.is_put_back(5, done=False)
    life.look()
    assert life.calls["d"] == Call(None, "deleted", is_cut=True, number=ANY)

    life.is_forgotten(one, deletes=False)
    life.is_put_back(4, done=True)
    life.look()
    assert [call.phone for call in life.calls.values()] == [None, other, None, None]
    life.teardown()
