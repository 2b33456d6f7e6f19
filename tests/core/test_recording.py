"""One table decides what may be recorded and kept, and it is the documented one."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.errors import Malformed
from valv.core.interaction import Direction, decoded
from valv.core.recording import Facts, Manual, Said, decide, situation_of
from valv.core.recording_policy import Policy, changes_between, policy_from, told
from valv.core.recording_table import (
    REASONS,
    RULES,
    TABLE,
    Keep,
    Mode,
    Party,
    Situation,
    Stand,
)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "recording.md"
FORCED = [
    (Mode.FORCED, stand)
    for stand in (Stand.NEEDLESS, Stand.CONSENTED, Stand.UNCONSENTED)
]
PENDING = [(Mode.PENDING, stand) for stand in (Stand.SAVED, Stand.UNSAVED)]
UNSTARTED, NONE = (Mode.MANUAL, Stand.UNSTARTED), (Mode.NONE, Stand.NEEDLESS)
STARTS = [
    (Mode.MANUAL, stand) for stand in (Stand.STARTED, Stand.STOPPED, Stand.UNACCEPTED)
]
POSSIBLE = {
    Party.ACTIVE: [*FORCED, *PENDING, UNSTARTED, *STARTS, NONE],
    Party.CONSULTED: [*FORCED, *PENDING, UNSTARTED, NONE],
    Party.CALLED: [NONE],
}
SITUATIONS = [
    Situation(refused, party, *one)
    for refused, party in product((True, False), Party)
    for one in POSSIBLE[party]
]
INTERNAL = Direction.INTERNAL


def policy(*rules: str, **settings: object) -> Policy:
    """Rules as ``forced queue Support``; the group Sales has the agent a7."""
    laid = [dict(zip(("mode", "on", "name"), r.split(), strict=True)) for r in rules]
    stated = {"groups": {"Sales": ["a7"]}, "rules": laid, **settings}
    return decoded(stated, Policy)


def on(**facts: object) -> Facts:
    return replace(Facts(queue="Support", agent="a7"), **facts)  # type: ignore[arg-type]


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    rules = []
    for place, modes in (
        ("queue Support", ("forced", "pending", "manual")),
        ("agent a7", ("forced", "manual")),
        ("group Sales", ("forced", "manual")),
    ):
        mode = draw(st.sampled_from((None, *modes)))
        rules += [f"{mode} {place}"] if mode else []
    asked = ("consent_needed", "acceptance_needed", "refuse_unruled")
    return policy(*rules, **{name: draw(st.booleans()) for name in asked})


ANYTHING = st.builds(
    Facts,
    queue=st.sampled_from(("Support", "Other", None)),
    agent=st.sampled_from(("a7", "a8", None)),
    direction=st.sampled_from(Direction),
    initiator=st.sampled_from(("a7", "a8", None)),
    is_consulted=st.booleans(),
    denied=st.booleans(),
    accepted=st.booleans(),
    saved=st.booleans(),
    manual=st.none()
    | st.builds(Manual, accepted=st.sampled_from(Said), informed=st.just(Said.UNKNOWN)),
    over=st.booleans(),
    told=st.booleans(),
)


def test_the_documented_table_is_the_one_in_force() -> None:
    assert RULES.strip() in DOCS.read_text(encoding="utf-8")


def test_one_row_fits_every_situation() -> None:
    for asked in SITUATIONS:
        assert len([row for row in TABLE if row.fits(asked)]) == 1, asked


def test_every_row_fits_some_situation() -> None:
    assert all(any(row.fits(asked) for asked in SITUATIONS) for row in TABLE)


def test_every_rule_has_its_words() -> None:
    assert REASONS.keys() == {row.rule for row in TABLE}


@given(policies(), ANYTHING)
def test_every_leg_is_in_one_of_these_situations(laid: Policy, facts: Facts) -> None:
    assert situation_of(laid, facts) in SITUATIONS


@given(policies(), ANYTHING)
def test_a_refusal_beats_everything(laid: Policy, facts: Facts) -> None:
    said = decide(laid, replace(facts, denied=True))

    assert (said.record, said.keep, said.rule) == (False, Keep.NO, "deny_recording")


@given(policies(), ANYTHING)
def test_nothing_is_recorded_without_a_rule_that_says_so(
    laid: Policy, facts: Facts
) -> None:
    said = decide(laid, facts)

    assert said.record <= (said.mode is not Mode.NONE and not facts.over)
    assert not decide(Policy(), facts).record


@given(policies(), ANYTHING)
def test_forced_is_never_recorded_without_the_consent_that_is_needed(
    laid: Policy, facts: Facts
) -> None:
    said = decide(laid, facts)

    if said.mode is Mode.FORCED and laid.consent_needed and not facts.accepted:
        assert not said.record
        assert said.keep is not Keep.YES or not facts.told


@given(policies(), ANYTHING)
def test_what_waits_is_settled_by_the_end_of_its_leg(
    laid: Policy, facts: Facts
) -> None:
    assert decide(laid, replace(facts, over=True)).keep in (Keep.YES, Keep.NO)


@given(policies(), ANYTHING)
def test_refusing_what_no_rule_allows_only_ever_refuses_more(
    laid: Policy, facts: Facts
) -> None:
    lenient = decide(policy_from({"refuse_unruled": False}, current=laid), facts)
    strict = decide(policy_from({"refuse_unruled": True}, current=laid), facts)

    assert strict.record == lenient.record
    assert strict.keep in (lenient.keep, Keep.NO)


@pytest.mark.parametrize(
    "rule", ["forced queue Support", "forced agent a7", "forced group Sales"]
)
def test_forced_on_queue_or_agent_or_group_records(rule: str) -> None:
    assert decide(policy(rule), on()).record


def test_pending_on_the_queue_wins_over_a_forced_agent() -> None:
    said = decide(policy("pending queue Support", "forced agent a7"), on())

    assert (said.record, said.keep, said.mode) == (True, Keep.WAIT, Mode.PENDING)


@pytest.mark.parametrize(("saved", "keep"), [(True, Keep.YES), (False, Keep.NO)])
def test_pending_is_kept_only_if_it_was_saved(saved: bool, keep: Keep) -> None:
    laid = policy("pending queue Support")

    assert decide(laid, on(saved=saved, over=True)).keep is keep


def test_only_the_active_party_starts_a_recording() -> None:
    laid, started = policy("manual agent a7"), Manual()

    assert decide(laid, on(manual=started)).record
    assert not decide(laid, on(manual=started, is_consulted=True)).record


def test_a_manual_start_yields_to_a_forced_recording_that_lacks_consent() -> None:
    laid = policy("forced queue Support", "manual agent a7", consent_needed=True)

    assert decide(laid, on(manual=Manual())).rule == "consent"


@pytest.mark.parametrize(
    ("answer", "needed", "record"),
    [
        (Said.YES, True, True),
        (Said.UNKNOWN, True, False),
        (Said.UNKNOWN, False, True),
        (Said.NO, False, False),
    ],
)
def test_a_tenant_may_ask_that_the_caller_accepts(
    answer: Said, needed: bool, record: bool
) -> None:
    laid = policy("manual agent a7", acceptance_needed=needed)

    assert decide(laid, on(manual=Manual(answer))).record is record


def test_a_consulted_agent_is_not_recorded_even_if_forced() -> None:
    said = decide(policy("forced agent a7"), on(is_consulted=True))

    assert (said.record, said.rule) == (False, "consulted")


def test_between_agents_only_whoever_called_counts() -> None:
    laid = policy("forced agent a7")
    by_a7 = decide(laid, on(agent="a8", direction=INTERNAL, initiator="a7"))
    by_a8 = decide(laid, on(agent="a7", direction=INTERNAL, initiator="a8"))

    assert (by_a7.record, by_a7.agent) == (True, "a7")
    assert (by_a8.record, by_a8.rule) == (False, "initiator")


@pytest.mark.parametrize(
    "stated",
    [
        {"rules": [{"mode": "none", "on": "queue", "name": "Support"}]},
        {"rules": [{"mode": "pending", "on": "agent", "name": "a7"}]},
        {"rules": [{"mode": "forced", "on": "group", "name": "Nobody"}]},
        {"rules": [{"mode": mode, "on": "queue", "name": "Support"}
                   for mode in ("forced", "manual")]},
        {"groups": {"Sales": ["a7"], "Support": ["a7"]}},
        {"rules": [{"mode": "forced", "on": "planet", "name": "Mars"}]},
        {"colour": "blue"},
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_meant_is_refused(stated: object) -> None:
    with pytest.raises(Malformed):
        decoded(stated, Policy)


@given(policies())
def test_a_policy_comes_back_as_it_was_stored(laid: Policy) -> None:
    assert decoded(laid.as_json(), Policy) == laid
    assert changes_between(laid, laid) == []


def test_a_change_is_told_from_what_to_what() -> None:
    before = policy("forced queue Support", "forced agent a7")
    after = policy_from(
        {
            "rules": [{"mode": "pending", "on": "queue", "name": "Support"}],
            "groups": {},
            "consent_needed": True,
        },
        current=before,
    )

    changes = told(changes_between(before, after))
    assert {one["what"]: (one["from"], one["to"]) for one in changes} == {
        "queue Support": ("forced", "pending"),
        "agent a7": ("forced", None),
        "agents Sales": (["a7"], None),
        "consent_needed": (False, True),
    }
