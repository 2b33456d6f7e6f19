"""The pages of users and user groups, from made-up values."""

from dataclasses import replace
from datetime import UTC, datetime

from valv.core.permissions import Right, Role
from valv.portal.contexts.users import (
    GroupRow,
    GroupsPage,
    LevelForm,
    LevelPage,
    RightRow,
    UserPage,
    UserRow,
    UsersPage,
)

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
WAYS = ("inherit", "grant", "deny")
GROUPS = (("1", "Kundtjänst"), ("2", "Kvalitet"))
BO = UserRow("2", "Bo Ek", "bo.ek@acme.example", "Kundtjänst", True, NOW, 4, True)
ALMA = UserRow("1", "Alma Berg", "alma.berg@acme.example", "", True, NOW, 20)
DAG = UserRow("3", "Dag Ås", "dag.as@acme.example", "", True, None, 0, idle=True)
EVA = UserRow("4", "Eva Lund", "eva.lund@acme.example", "Kvalitet", False, NOW, 9)
STATED = {Right.PLAY: "grant", Right.DELETE: "deny", Right.AUDIT: "grant"}


def users(*, fault: str = "") -> UsersPage:
    return UsersPage(
        active=(ALMA, BO, DAG),
        inactive=(EVA,),
        groups=GROUPS,
        roles=tuple(Role),
        typed={"name": "Fia"} if fault else {},
        faults={"email": "Det är ingen e-postadress."} if fault else {},
    )


def form(*, in_the_end: bool) -> LevelForm:
    rights = tuple(_row(right, in_the_end=in_the_end) for right in Right)
    return LevelForm(
        rights=rights,
        queues=("Support",),
        groups=None,
        all_queues=(("Support", "Support"), ("Försäljning", "Försäljning")),
        all_groups=GROUPS,
    )


def _row(right: Right, *, in_the_end: bool) -> RightRow:
    stated = STATED.get(right, "inherit")
    options = ("deny",) if stated == "deny" else WAYS
    row = RightRow(right.value, stated, options)
    if not in_the_end:
        return row
    from_group = right in {Right.SEE, Right.EXPORT}
    by = "user" if stated != "inherit" else "group" if from_group else ""
    held = stated == "grant" or from_group
    return replace(row, held=held, by=by, idle=right is Right.AUDIT)


def user() -> UserPage:
    return UserPage(
        row=BO,
        group_id="1",
        agent="a7",
        groups=GROUPS,
        agents=(("a7", "Bo Ek"), ("a8", "Cleo Lind")),
        form=form(in_the_end=True),
        queues_by="user",
        reach_queues=("Support",),
    )


def groups() -> GroupsPage:
    return GroupsPage(
        groups=(
            GroupRow("1", "Kundtjänst", ("Bo Ek", "Cleo Lind"), 12, ruled=True),
            GroupRow("2", "Kvalitet", (), 0, ruled=False),
        )
    )


def group() -> LevelPage:
    row = GroupRow("2", "Kvalitet", ("Eva Lund",), 0, ruled=False)
    return LevelPage(form=form(in_the_end=False), group=row)
