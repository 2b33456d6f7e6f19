"""Random call lives, and a small model of them that knows the documented table alone.

The model goes along with a life as it happens, one thing after the other, and keeps a
few words about each leg; the rules under test read the same off shuffled events. What
is expected is looked up in docs/recording.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.core.masks import read_event
from valv.core.events import Event
from valv.core.interaction import decoded
from valv.core.recording_policy import Policy

DOCS = Path(__file__).resolve().parents[2] / "docs" / "recording.md"
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
Step = tuple[str, dict[str, Any]]
AGENTS, QUEUES = ("a", "b", "c"), ("Support", "Sales")
GROUP = {"Team": ("a", "b")}


def documented() -> list[list[str]]:
    """The rows of the table that has a column ``stand``."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if "| stand " in line)
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


ROWS = documented()


@dataclass
class Expected:
    """What the table says of a leg."""

    record: bool
    keep: str
    rule: str


@dataclass
class Leg:
    """One agent's stretch; None while nobody said a word of it."""

    agent: str
    queue: str | None
    was_active: bool
    saved: bool = False
    start: str | None = None
    runs: bool = False
    consented: bool = False
    over: bool = False


@dataclass
class Life:
    """A call as it goes, under a policy."""

    policy: Policy
    direction: str = "inbound"
    queue: str | None = None
    consented: bool = False
    denied: bool = False
    over: bool = False
    legs: list[Leg] = field(default_factory=list)

    @property
    def on(self) -> list[Leg]:
        return [leg for leg in self.legs if not leg.over]

    def take(self, step: Step) -> None:
        type_, data = step
        self.denied |= denies(step)
        if self.over:
            return
        if type_ == "consent.given" or data.get("accepted") is True:
            self._consent()
        match type_:
            case "queue.entered":
                self.queue = data["queue"]
            case "agent.connected":
                self._connect(data["agent"])
            case "agent.disconnected":
                self._end([leg for leg in self.on if leg.agent == data["agent"]])
            case "recording.requested":
                self._ask(**data)
            case "session.ended":
                self.over = True
                self._end(self.on)
            case _:
                pass

    def _consent(self) -> None:
        self.consented = True
        for leg in self.on:
            leg.consented = True

    def _connect(self, agent: str) -> None:
        if agent not in [leg.agent for leg in self.on]:
            leg = Leg(agent, self.queue, was_active=not self.on)
            leg.consented = self.consented
            self.legs.append(leg)

    def _end(self, legs: list[Leg]) -> None:
        for leg in legs:
            leg.over = True
        if self.on:
            self.on[0].was_active = True

    def _ask(self, action: str, agent: str, accepted: bool | None = None) -> None:
        for leg in self.on:
            if leg.agent != agent:
                continue
            if action in ("save", "unsave"):
                leg.saved = action == "save"
            elif leg.was_active and action == "start":
                leg.start, leg.runs = ("yes" if accepted else "unknown"), True
            elif leg.was_active and action == "stop":
                leg.runs = False

    def expected(self, leg: Leg) -> Expected:
        party, mode = self._party(leg)
        stand = self._stand(leg, mode, party)
        words = ["yes" if self.denied else "no", party, mode, stand]
        (row,) = [row for row in ROWS if fits(row, words)]
        keep = row[6] if leg.over else row[5]
        if keep == "unless":
            keep = "no" if self.policy.refuse_unruled else "yes"
        return Expected(row[4] == "yes" and not leg.over, keep, row[8])

    def _party(self, leg: Leg) -> tuple[str, str]:
        if self.direction != "internal":
            mode = self._mode(leg.agent, leg.queue)
            return ("active" if leg.was_active else "consulted"), mode
        forced = self._mode(self.legs[0].agent, None) == "forced"
        return ("active", "forced") if forced else ("called", "none")

    def _mode(self, agent: str, queue: str | None) -> str:
        laid = {
            rule.mode.value for rule in self.policy.rules
            if (rule.on, rule.name) in {("agent", agent), ("queue", queue)}
            or (rule.on == "group" and agent in GROUP[rule.name])
        }  # fmt: skip
        order = ("pending", "forced", "manual")
        return next((mode for mode in order if mode in laid), "none")

    def _stand(self, leg: Leg, mode: str, party: str) -> str:
        if mode == "forced" and leg.consented:
            return "consented"
        if mode == "forced" and self.policy.consent_needed:
            return "no consent"
        if mode == "pending":
            return "saved" if leg.saved else "not saved"
        if mode != "manual":
            return "not needed"
        if leg.start is None or party == "consulted":
            return "not started"
        if self.policy.acceptance_needed and leg.start != "yes":
            return "not accepted"
        return "started" if leg.runs else "stopped"


def fits(row: list[str], words: list[str]) -> bool:
    return all(cell in ("any", word) for cell, word in zip(row[:4], words, strict=True))


def denies(step: Step) -> bool:
    """Every way of saying no: by consent, to the agent, by the variable."""
    type_, data = step
    if type_ == "consent.refused" or data.get("accepted") is False:
        return True
    is_name = str(data.get("name", "")).lower() == "deny_recording"
    return is_name and str(data.get("value")).strip().lower() in ("true", "1", "yes")


def happened(number: int, step: Step, *, session: str = "S1") -> dict[str, Any]:
    """A step as an event, ``number`` seconds into the call."""
    at = (START + timedelta(seconds=number)).isoformat()
    return {
        "event_id": f"{session}-{number}", "session_id": session,
        "type": step[0], "at": at, "data": step[1],
    }  # fmt: skip


def event_of(number: int, step: Step) -> Event:
    return read_event(happened(number, step))


def _of(type_: str, **fields: Sequence[object]) -> st.SearchStrategy[Step]:
    """One of all the steps of a type; ``fields`` are what each of its data may be."""
    every = [dict(zip(fields, one, strict=True)) for one in product(*fields.values())]
    return st.sampled_from([(type_, data) for data in every])


_DENIALS = ("deny_recording", "DENY_RECORDING", "Deny_Recording", "other")
_REQUEST = "recording.requested"
STEPS = st.one_of(
    _of("queue.entered", queue=QUEUES),
    _of("agent.connected", agent=AGENTS),
    _of("agent.connected", agent=AGENTS),
    _of("agent.disconnected", agent=AGENTS),
    _of(_REQUEST, action=("save", "unsave", "stop"), agent=AGENTS),
    _of(_REQUEST, action=("save",), agent=AGENTS),
    _of(_REQUEST, action=("start",), agent=AGENTS, accepted=(True, None, None)),
    _of("consent.given", purpose=("recording",), how=("key",)),
    _of("menu.entered", menu=("Main",)),
)
_refusals = st.one_of(
    _of("consent.refused", purpose=("recording",)),
    _of("variable.set", name=_DENIALS, value=("YES", 1, "no", True)),
    _of(_REQUEST, action=("start",), agent=AGENTS, accepted=(False,)),
)
_never = st.none()


@st.composite
def lives(draw: st.DrawFn, *, size: int) -> list[Step]:
    """So many steps; a quarter of the lives hold a refusal, half of them end."""
    steps = draw(st.lists(STEPS, min_size=size, max_size=size))
    refusal = draw(st.one_of(_never, _never, _never, _refusals))
    if refusal is not None:
        steps[draw(st.integers(0, size - 1))] = refusal
    if draw(st.booleans()):
        steps[draw(st.integers(size // 2, size - 1))] = ("session.ended", {})
    return steps


@st.composite
def policies(draw: st.DrawFn, *, strict: bool = True) -> Policy:
    laid = st.sampled_from((None, None, "forced", "manual"))
    rules = [(draw(laid), "agent", "a"), (draw(laid), "group", "Team")]
    for queue in QUEUES:
        mode = draw(st.sampled_from((None, "forced", "pending", "manual")))
        rules.append((mode, "queue", queue))
    stated = {
        "rules": [
            {"mode": mode, "on": on, "name": name} for mode, on, name in rules if mode
        ],
        "groups": GROUP,
        "consent_needed": draw(st.booleans()),
        "acceptance_needed": draw(st.booleans()),
        "refuse_unruled": strict and draw(st.booleans()),
    }
    return decoded(stated, Policy)
