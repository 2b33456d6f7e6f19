"""Every step of keeping, and of destroying, what waited for its decision, fails once.

A step is what lasts: a key made or destroyed, a blob put or discarded, a transaction
committed. Either the process dies before it, and nothing that it would have done
happens any more; or the step is done, an error is answered, and the process goes on.
The next process resumes, the source sends all of it again, and a day later the sweep
goes through: the end is always the same as without a fault, in a store that polices
whoever uses it. No refusal is acknowledged before what it is about is destroyed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import msgspec
import pytest

from tests.intake.asking import Source, event
from tests.intake.sounds import tone, wav
from tests.intake.test_provisional import MESSAGES, PENDING, SOUND, lay
from tests.laws.laying import ago, living
from valv.archive.models import ChatPart, Content, Interaction
from valv.core.errors import Busy
from valv.jobs.work import LEFT, end_undecided
from valv.lifecycle.sweep import sweep
from valv.lifecycle.undecided import destroy_undecided
from valv.storage import blobstore, intents, keys, scope
from valv.storage.blobs.contract import BlobStoreFailed
from valv.storage.blobs.memory import Failure, MemoryStore
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
LONG = wav(tone(440, seconds=3))
_numbers = count(1)
Flow = Callable[[Source, str], Iterator[object]]


class Crash(BaseException):
    """The process is dead."""


class Steps:
    """Everything that lasts, counted; one step fails, or all from one on."""

    def __init__(self) -> None:
        self.count = self.at = 0
        self.how = Failure.NOT_DONE
        self.has_failed = False

    def fail_at(self, step: int, how: Failure) -> None:
        self.count, self.at, self.how, self.has_failed = 0, step, how, False

    def restart(self) -> bool:
        """Begin anew, without faults; was there one?"""
        failed = self.has_failed
        self.fail_at(0, Failure.NOT_DONE)
        return failed

    def before(self) -> None:
        self.count += 1
        dies = self.how is Failure.NOT_DONE and 0 < self.at <= self.count
        self._fail_if(dies, Crash())

    def after(self, error: Exception) -> None:
        lost = self.how is Failure.ANSWER_LOST and self.count == self.at
        self._fail_if(lost, error)

    def _fail_if(self, fails: bool, error: BaseException) -> None:
        if fails:
            self.has_failed = True
            raise error

    def wrapped(self, real: Callable[..., Any], error: Exception) -> Callable[..., Any]:
        def acted(*args: Any, **named: Any) -> Any:
            self.before()
            made = real(*args, **named)
            self.after(error)
            return made

        return acted

    def committing(self, real: Callable[[int], Any]) -> Callable[[int], Any]:
        @contextmanager
        def writing(tenant_id: int) -> Iterator[None]:
            is_outermost = scope.current_or_none() is None
            with real(tenant_id):
                yield
                if is_outermost:
                    self.before()
            if is_outermost:
                self.after(Busy("The answer was lost."))

        return writing


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    made = MemoryStore()
    monkeypatch.setattr(blobstore, "store", lambda: made)
    return made


@pytest.fixture
def steps(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> Steps:
    made = Steps()
    for name in ("create", "keep", "destroy"):
        acted = made.wrapped(getattr(keys, name), Busy("The answer was lost."))
        monkeypatch.setattr(keys, name, acted)
    for name in ("put", "discard"):
        acted = made.wrapped(getattr(store, name), BlobStoreFailed(name, "a blob"))
        monkeypatch.setattr(store, name, acted)
    monkeypatch.setattr(scope, "writing", made.committing(scope.writing))
    return made


@pytest.fixture
def source(acme: Tenant) -> Source:
    source = Source.of(acme)
    lay(source, PENDING)
    return source


def tell(source: Source, *events: Any) -> object:
    """Send events; the answer may be an error."""
    return source.ask("POST", "/events", msgspec.json.encode(events))


def _call(
    source: Source, session: str, *more: Any, sound: bytes = SOUND
) -> Iterator[object]:
    def told(number: int, type_: str, **data: Any) -> Any:
        return event(number, type_, session=session, **data)

    yield tell(
        source,
        told(0, "session.started", media="phone"),
        told(1, "queue.entered", queue="Support"),
        told(5, "agent.connected", agent="a7"),
        told(6, "recording.started", n=1, agent="a7"),
    )
    yield source.ask("PUT", f"/interactions/{session}/recordings/1", sound)
    for number, type_, data in more:
        yield tell(source, told(number, type_, **data))


def saved(source: Source, session: str) -> Iterator[object]:
    save = (10, "recording.requested", {"action": "save"})
    return _call(source, session, save, (30, "session.ended", {}))


def unsaved(source: Source, session: str) -> Iterator[object]:
    return _call(source, session, (30, "session.ended", {}))


def paused(source: Source, session: str) -> Iterator[object]:
    """The sound goes on through a pause that is told of when it is there already."""
    return _call(
        source,
        session,
        (7, "recording.stopped", {"n": 1}),
        (8, "recording.started", {"n": 1}),
        (9, "recording.stopped", {"n": 1}),
        (10, "recording.requested", {"action": "save"}),
        (30, "session.ended", {}),
        sound=LONG,
    )


def denied(source: Source, session: str) -> Iterator[object]:
    said = (10, "consent.refused", {"purpose": "recording"})
    return _call(source, session, said, (30, "session.ended", {}))


def forgotten(source: Source, session: str) -> Iterator[object]:
    """Nobody ever decides, and the worker looks two days later."""
    yield from _call(source, session)
    yield destroy_undecided(source.tenant, now=ago(-2))


def logged(source: Source, session: str) -> Iterator[object]:
    """A log sent whole before its chat is over."""
    yield tell(source, event(0, "session.started", session=session, media="chat"))
    yield source.put_chat_log(session, MESSAGES)
    yield tell(source, event(9, "session.ended", session=session))


def chatted(source: Source, session: str) -> Iterator[object]:
    """Messages, then a refusal."""
    said = {"from": "customer", "text": "Hej"}
    yield tell(
        source,
        event(0, "session.started", session=session, media="chat"),
        event(1, "chat.message", session=session, **said),
    )
    yield tell(source, event(8, "chat.storage_refused", session=session))
    yield tell(source, event(9, "session.ended", session=session))


FLOWS = (saved, unsaved, paused, denied, forgotten, logged, chatted)
REFUSALS = (unsaved, denied, chatted)
# Making sound anew takes its time, and a step's death is the life of the one before.
TABLE = [
    pytest.param(flow, how, id=f"{flow.__name__}-{how.name.lower()}")
    for flow in FLOWS
    for how in Failure
    if (flow, how) != (paused, Failure.NOT_DONE)
]


def content_keys(source: Source) -> int:
    return sum(kind == KeyKind.CONTENT for kind, _ in living(source.tenant))


def opened(source: Source) -> dict[int, bytes]:
    """Keys of contents that have a row."""
    named = [row.id for row in source.rows(Content) if row.id is not None]
    return keys.read(source.tenant.id, KeyKind.CONTENT, named)


def state(source: Source, store: MemoryStore, session: str) -> Any:
    """What there is, and what is left of anything."""
    item = source.item(session)
    kinds = [(c["kind"], c["n"], c["state"]) for c in item["contents"]]
    place = f"/interactions/{item['id']}"
    heard = source.ask("GET", f"{place}/recordings/1").status_code
    read = source.ask("GET", f"{place}/chat-log").status_code
    (row,) = source.rows(Interaction, id=int(item["id"]))
    left = {
        "keys": content_keys(source),
        "blobs": len(list(store.list(str(source.tenant.id)))),
        "intents": len(source.rows(Intent)),
        "parts": len(source.rows(ChatPart)),
    }
    pauses = [one.pauses for one in source.rows(Content, interaction_id=row.id)]
    return kinds, item["state"], heard, read, row.flags, left, pauses


def tried(source: Source, flow: Flow, session: str) -> None:
    for _ in flow(source, session):
        pass


def forget(source: Source, session: str) -> None:
    """Take away what a run left that is meant to stay, so that the next is alone."""
    path = f"/interactions/{source.id_of(session)}"
    source.ask("DELETE", f"{path}/recordings/1")
    source.ask("DELETE", f"{path}/chat-log")


@pytest.mark.parametrize(("flow", "how"), TABLE)
def test_the_end_is_the_same_wherever_it_failed(
    source: Source, store: MemoryStore, steps: Steps, flow: Flow, how: Failure
) -> None:
    session = "undisturbed"
    tried(source, flow, session)
    expected = state(source, store, session)
    step, failed = 0, True

    while failed:
        forget(source, session)
        step, session = step + 1, f"X{next(_numbers)}"
        steps.fail_at(step, how)
        with suppress(Crash, Busy, BlobStoreFailed):
            tried(source, flow, session)
        failed = steps.restart()
        if how is Failure.NOT_DONE:
            intents.resume(source.tenant.id)
        tried(source, flow, session)
        if flow in REFUSALS:
            assert opened(source) == {}, f"step {step}"
        end_undecided(source.tenant, ago(0) + 2 * LEFT, {})
        sweep(source.tenant, now=ago(-2))
        assert state(source, store, session) == expected, f"step {step}"

    assert step > len(list(flow(source, "again")))
    assert store.breaches == []
