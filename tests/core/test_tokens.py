"""How long tokens live, and who may give which scopes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW
from valv.core.errors import Forbidden, Malformed
from valv.core.permissions import RIGHTS_OF_SCOPE, Right, Scope, rights_of_scopes
from valv.core.tokens import (
    Lifetime,
    TokenState,
    check_hours,
    check_longest,
    check_scopes,
    expiry_of,
    renewed,
    scopes_within,
    state_of,
)

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("lifetime", "longest", "days"),
    [(None, None, 365), (None, 90, 90), (None, 400, 365), (3650, None, 3650),
     (30, 30, 30), ("never", None, None)],
)  # fmt: skip
def test_a_token_lives_as_long_as_is_asked_for(
    lifetime: Lifetime, longest: int | None, days: int | None
) -> None:
    ends = expiry_of(lifetime, longest=longest, now=NOW)

    assert ends == (None if days is None else NOW + days * DAY)


@pytest.mark.parametrize(
    ("lifetime", "longest"),
    [(0, None), (-1, None), (3651, None), (31, 30), ("never", 30)],
)
def test_none_lives_longer_than_the_tenant_allows(
    lifetime: Lifetime, longest: int | None
) -> None:
    with pytest.raises(Malformed) as refused:
        expiry_of(lifetime, longest=longest, now=NOW)

    assert refused.value.field == "expires"


@pytest.mark.parametrize(
    ("ends_in", "longest", "days"),
    [(100, None, 110), (100, 40, 40), (None, None, None), (None, 40, 40)],
)
def test_a_new_secret_lives_as_long_again(
    ends_in: int | None, longest: int | None, days: int | None
) -> None:
    ends = None if ends_in is None else NOW + ends_in * DAY

    again = renewed(since=NOW - 10 * DAY, expires_at=ends, longest=longest, now=NOW)

    assert again == (None if days is None else NOW + days * DAY)


@pytest.mark.parametrize(
    ("ends", "state"),
    [(None, "valid"), (31 * DAY, "valid"), (30 * DAY, "ends_soon"),
     (timedelta(milliseconds=1), "ends_soon"), (timedelta(), "ended"), (-DAY, "ended")],
)  # fmt: skip
def test_a_token_ends_at_its_time(ends: timedelta | None, state: str) -> None:
    expires_at = None if ends is None else NOW + ends

    assert state_of(expires_at=expires_at, revoked_at=None, now=NOW) == state
    assert state_of(expires_at=expires_at, revoked_at=NOW, now=NOW) == "revoked"
    assert TokenState(state)


@given(st.sets(st.sampled_from(Right)))
def test_nobody_gives_what_they_have_not(rights: set[Right]) -> None:
    given_ = scopes_within(rights)

    assert rights_of_scopes(given_) <= rights
    for scope in set(Scope) - set(given_):
        assert not RIGHTS_OF_SCOPE[scope] <= rights
        with pytest.raises(Forbidden):
            check_scopes([scope], within=rights)


def test_a_scope_is_given_once_and_none_is_malformed() -> None:
    assert check_scopes([Scope.READ, Scope.READ], within=Right) == ["read"]
    with pytest.raises(Malformed):
        check_scopes([], within=Right)


@pytest.mark.parametrize("hours", [-1, 169])
def test_an_old_secret_lives_a_week_at_most(hours: int) -> None:
    with pytest.raises(Malformed):
        check_hours(hours)
    assert check_hours(168) == 168


@pytest.mark.parametrize("days", [0, 3651])
def test_the_longest_life_is_a_number_of_days_or_none(days: int) -> None:
    with pytest.raises(Malformed):
        check_longest(days)
    assert (check_longest(None), check_longest(1)) == (None, 1)
