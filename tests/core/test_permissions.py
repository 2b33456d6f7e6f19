"""What each role and scope may do, as a table to be read."""

import pytest

from valv.core.permissions import (
    RIGHTS_OF_ROLE,
    RIGHTS_OF_SCOPE,
    Right,
    Role,
    Scope,
    permits,
    rights_of_scopes,
)

TABLE = """
                     agent general_only archive_user privacy_officer administrator owner
    see              no    yes          yes          yes             yes           yes
    own              yes   no           no           no              no            no
    play             yes   no           yes          yes             yes           yes
    download         no    no           yes          yes             yes           yes
    restricted       no    no           no           yes             yes           yes
    delete           no    no           no           yes             yes           yes
    bulk             no    no           yes          yes             yes           yes
    export           no    no           yes          yes             yes           yes
    surveys          no    no           yes          yes             yes           yes
    raw_data         no    no           no           yes             yes           yes
    audit            no    no           no           yes             no            yes
    privacy          no    no           no           yes             no            yes
    holds            no    no           no           yes             no            yes
    release          no    no           no           yes             no            yes
    retention        no    no           no           yes             yes           yes
    recording_policy no    no           no           no              yes           yes
    users            no    no           no           no              yes           yes
    tokens           no    no           no           no              yes           yes
    support          no    no           no           no              yes           yes
    links            no    no           no           yes             yes           yes
    settings         no    no           no           no              yes           yes
    intake           no    no           no           no              yes           yes
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (role, right, answer == "yes")
    for right, *answers in ROWS[1:]
    for role, answer in zip(ROWS[0], answers, strict=True)
]


def test_the_table_is_whole() -> None:
    assert ROWS[0] == list(Role)
    assert [row[0] for row in ROWS[1:]] == list(Right)


@pytest.mark.parametrize(("role", "right", "allowed"), CELLS)
def test_a_role_may_what_the_table_says(
    role: str, right: str, *, allowed: bool
) -> None:
    assert permits(RIGHTS_OF_ROLE[Role(role)], Right(right)) is allowed


@pytest.mark.parametrize("scope", Scope)
def test_no_scope_holds_all_rights(scope: Scope) -> None:
    assert rights_of_scopes([scope]) < frozenset(Right)


@pytest.mark.parametrize(
    ("right", "scope"),
    [
        (Right.DELETE, Scope.DELETE),
        (Right.PLAY, Scope.CONTENT),
        (Right.INTAKE, Scope.INTAKE),
        (Right.AUDIT, Scope.AUDIT),
        (Right.PRIVACY, Scope.PRIVACY),
        (Right.TOKENS, Scope.ADMIN),
    ],
)
def test_some_rights_come_with_one_scope_only(right: Right, scope: Scope) -> None:
    assert [s for s, rights in RIGHTS_OF_SCOPE.items() if right in rights] == [scope]


def test_scopes_add_up() -> None:
    rights = rights_of_scopes([Scope.READ, Scope.AUDIT])

    assert rights == RIGHTS_OF_SCOPE[Scope.READ] | RIGHTS_OF_SCOPE[Scope.AUDIT]
    assert rights_of_scopes([]) == frozenset()
