"""A crash at every step of keeping, and of destroying, what waited for its decision.

A step is what lasts: a key made or destroyed, a blob put or discarded, a transaction
committed. Each is failed in turn, before it is done and after, and nothing that the
dead process would have done happens any more. Then the next process resumes, the source
sends all of it again, and a day later the sweep goes through: the end is always the
same as without a crash, in a store that polices whoever uses it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import pytest

from tests.intake.asking import Source, event
from tests.intake.test_provisional import MESSAGES, PENDING, SOUND, lay
from tests.laws.laying import ago, living
from valv.archive.models import ChatPart, Interaction
from valv.lifecycle.sweep import sweep
from valv.lifecycle.undecided import destroy_undecided
from valv.storage import blobstore, intents, keys, scope
from valv.storage.blobs.memory import Failure, MemoryStore
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
_numbers = count(1)
Flow = Callable[[Source, str], Iterator[object]]


class Crash(BaseException):
    """The process is dead."""


class Steps:
    """Everything that lasts, counted; one step fails, and then all of them."""

    def __init__(self) -> None:
        self.count = self.at = 0
        self.how = Failure.NOT_DONE
        self.is_dead = False

    def fail_at(self, step: int, how: Failure) -> None:
        self.count, self.at, self.how, self.is_dead = 0, step, how, False

    def restart(self) -> bool:
        """Begin anew, without faults; was there a crash?"""
        was_dead = self.is_dead
        self.fail_at(0, Failure.NOT_DONE)
        return was_dead

    @contextmanager
    def step(self) -> Iterator[None]:
        self._count(Failure.NOT_DONE)
        yield
        self._die_if(self.at == self.count and self.how is Failure.ANSWER_LOST)

    def _count(self, how: Failure) -> None:
        self._die_if(self.is_dead)
        self.count += 1
        self._die_if(self.at == self.count and self.how is how)

    def _die_if(self, dies: bool) -> None:
        if dies:
            self.is_dead = True
            raise Crash

    def wrapped(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*args: Any, **named: Any) -> Any:
            with self.step():
                return real(*args, **named)

        return acted

    def committing(self, real: Callable[[int], Any]) -> Callable[[int], Any]:
        @contextmanager
        def writing(tenant_id: int) -> Iterator[None]:
            if scope.current_or_none() is not None:
                with real(tenant_id):
                    yield
                return
            with real(tenant_id):
                yield
                self._count(Failure.NOT_DONE)
            self._die_if(self.at == self.count and self.how is Failure.ANSWER_LOST)

        return writing


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    made = MemoryStore()
    monkeypatch.setattr(blobstore, "store", lambda: made)
    return made


@pytest.fixture
def steps(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> Steps:
    made = Steps()
    for place, name in (
        (keys, "create"), (keys, "destroy"), (store, "put"), (store, "discard"),
    ):  # fmt: skip
        monkeypatch.setattr(place, name, made.wrapped(getattr(place, name)))
    monkeypatch.setattr(scope, "writing", made.committing(scope.writing))
    return made


@pytest.fixture
def source(acme: Tenant) -> Source:
    source = Source.of(acme)
    lay(source, PENDING)
    return source


def _call(source: Source, session: str, *more: Any) -> Iterator[object]:
    def told(number: int, type_: str, **data: Any) -> Any:
        return event(number, type_, session=session, **data)

    yield source.tell(
        told(0, "session.started", media="phone"),
        told(1, "queue.entered", queue="Support"),
        told(5, "agent.connected", agent="a7"),
        told(6, "recording.started", n=1, agent="a7"),
    )
    yield source.ask("PUT", f"/interactions/{session}/recordings/1", SOUND)
    for number, type_, data in more:
        yield source.tell(told(number, type_, **data))


def saved(source: Source, session: str) -> Iterator[object]:
    save = (10, "recording.requested", {"action": "save"})
    return _call(source, session, save, (30, "session.ended", {}))


def unsaved(source: Source, session: str) -> Iterator[object]:
    return _call(source, session, (30, "session.ended", {}))


def denied(source: Source, session: str) -> Iterator[object]:
    said = (10, "consent.refused", {"purpose": "recording"})
    return _call(source, session, said, (30, "session.ended", {}))


def forgotten(source: Source, session: str) -> Iterator[object]:
    """Nobody ever decides, and the worker looks two days later."""
    yield from _call(source, session)
    yield destroy_undecided(source.tenant, now=ago(-2))


def logged(source: Source, session: str) -> Iterator[object]:
    """A log sent whole before its chat is over."""
    yield source.tell(event(0, "session.started", session=session, media="chat"))
    yield source.put_chat_log(session, MESSAGES)
    yield source.tell(event(9, "session.ended", session=session))


def chatted(source: Source, session: str) -> Iterator[object]:
    """Messages, then a refusal."""
    said = {"from": "customer", "text": "Hej"}
    yield source.tell(
        event(0, "session.started", session=session, media="chat"),
        event(1, "chat.message", session=session, **said),
    )
    yield source.tell(event(8, "chat.storage_refused", session=session))
    yield source.tell(event(9, "session.ended", session=session))


FLOWS = (saved, unsaved, denied, forgotten, logged, chatted)


def state(source: Source, store: MemoryStore, session: str) -> Any:
    """What there is, and what is left of anything."""
    item = source.item(session)
    kinds = [(c["kind"], c["n"], c["state"]) for c in item["contents"]]
    place = f"/interactions/{item['id']}"
    heard = source.ask("GET", f"{place}/recordings/1").status_code
    read = source.ask("GET", f"{place}/chat-log").status_code
    (row,) = source.rows(Interaction, id=int(item["id"]))
    left = {
        "keys": sum(kind == KeyKind.CONTENT for kind, _ in living(source.tenant)),
        "blobs": len(list(store.list(str(source.tenant.id)))),
        "intents": len(source.rows(Intent)),
        "parts": len(source.rows(ChatPart)),
    }
    return kinds, item["state"], heard, read, row.flags, left


def tried(source: Source, flow: Flow, session: str) -> None:
    for _ in flow(source, session):
        pass


def forget(source: Source) -> None:
    """Take away what a run left that is meant to stay, so that the next is alone."""
    for id_ in [row.id for row in source.rows(Interaction)]:
        path = f"/interactions/{id_}"
        source.ask("DELETE", f"{path}/recordings/1")
        source.ask("DELETE", f"{path}/chat-log")


@pytest.mark.parametrize("how", Failure, ids=lambda how: how.name.lower())
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_the_end_is_the_same_wherever_it_crashed(
    source: Source, store: MemoryStore, steps: Steps, flow: Flow, how: Failure
) -> None:
    tried(source, flow, "undisturbed")
    expected = state(source, store, "undisturbed")
    step, crashed = 0, True

    while crashed:
        forget(source)
        step, session = step + 1, f"X{next(_numbers)}"
        steps.fail_at(step, how)
        with suppress(Crash):
            tried(source, flow, session)
        crashed = steps.restart()
        intents.resume(source.tenant.id)
        tried(source, flow, session)
        sweep(source.tenant, now=ago(-2))
        assert state(source, store, session) == expected, f"step {step}"

    assert step > len(list(flow(source, "again")))
    assert store.breaches == []
