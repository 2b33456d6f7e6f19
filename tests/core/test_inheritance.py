"""Who has a right in the end, and who said so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.errors import Forbidden, Malformed
from valv.core.inheritance import (
    NOTHING,
    Decided,
    Level,
    Stated,
    check_given,
    effective,
)
from valv.core.permissions import Right

SEE, OWN, PLAY, USERS = Right.SEE, Right.OWN, Right.PLAY, Right.USERS
GRANT, DENY = Stated(grant=(PLAY,)), Stated(deny=(PLAY,))
TENANT, GROUP, USER = Level


@pytest.mark.parametrize(
    ("tenant", "group", "user", "decided"),
    [
        (NOTHING, NOTHING, NOTHING, Decided(held=False, by=None)),
        (GRANT, NOTHING, NOTHING, Decided(held=True, by=TENANT)),
        (GRANT, DENY, NOTHING, Decided(held=False, by=GROUP)),
        (GRANT, DENY, GRANT, Decided(held=True, by=USER)),
        (NOTHING, GRANT, NOTHING, Decided(held=True, by=GROUP)),
        (NOTHING, GRANT, DENY, Decided(held=False, by=USER)),
        (DENY, NOTHING, GRANT, Decided(held=True, by=USER)),
    ],
)
def test_the_nearest_level_that_says_so_wins(
    tenant: Stated, group: Stated, user: Stated, decided: Decided
) -> None:
    found = effective({TENANT: tenant, GROUP: group, USER: user})

    assert found.decided[PLAY] == decided


def test_a_filter_is_that_of_the_nearest_level() -> None:
    wide, narrow = Stated(queues=("a", "b"), groups=(1,)), Stated(queues=())

    found = effective({TENANT: wide, USER: narrow})

    assert (found.queues, found.queues_by) == ((), USER)
    assert (found.groups, found.groups_by) == ((1,), TENANT)


def test_own_lets_see_ones_own_unless_one_sees_all() -> None:
    own = effective({GROUP: Stated(grant=(OWN, PLAY))})
    both = effective({GROUP: Stated(grant=(OWN,)), USER: Stated(grant=(SEE,))})

    assert own.is_own
    assert own.rights == {OWN, SEE, PLAY}
    assert not both.is_own


def test_who_is_let_to_a_part_has_no_right_of_the_whole() -> None:
    found = effective({USER: Stated(grant=(SEE, PLAY, USERS), queues=("a",))})

    assert found.rights == {SEE, PLAY}
    assert found.decided[USERS].held


ways = st.lists(
    st.sampled_from((None, True, False)), min_size=len(Right), max_size=len(Right)
)
stated = ways.map(
    lambda said: Stated(
        grant=tuple(r for r, way in zip(Right, said, strict=True) if way is True),
        deny=tuple(r for r, way in zip(Right, said, strict=True) if way is False),
    )
)


@given(stated, stated, stated)
def test_whoever_has_a_right_was_granted_it_somewhere(
    tenant: Stated, group: Stated, user: Stated
) -> None:
    found = effective({TENANT: tenant, GROUP: group, USER: user})
    granted = {*tenant.grant, *group.grant, *user.grant}

    assert found.rights - {SEE} <= granted
    assert not found.rights & set(user.deny) - {SEE}
    assert found.is_part or set(user.grant) <= found.rights


@given(stated, stated, st.frozensets(st.sampled_from(Right)))
def test_no_change_gives_what_its_maker_lacks(
    before: Stated, after: Stated, by: frozenset[Right]
) -> None:
    old, new = effective({USER: before}), effective({USER: after})
    gained = {r for r in Right if new.decided[r].held and not old.decided[r].held}
    lacking = gained - by - ({OWN} if SEE in by else set())

    if lacking:
        with pytest.raises(Forbidden):
            check_given(before, after, by=by)


def test_a_denial_is_lifted_only_by_who_has_the_right() -> None:
    check_given(DENY, NOTHING, by={PLAY})
    with pytest.raises(Forbidden, match="play"):
        check_given(DENY, NOTHING, by={USERS})


def test_a_right_is_not_granted_and_denied_at_once() -> None:
    with pytest.raises(Malformed):
        Stated(grant=(SEE,), deny=(SEE,))
