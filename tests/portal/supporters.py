"""Somebody of the support desk, and how a tenant lets them in."""

from typing import TYPE_CHECKING, Any

from tests.cast import NOW, OPERATOR, PASSWORD
from tests.portal.visiting import Visitor

if TYPE_CHECKING:
    from valv.tenants.models import User

TEAM = "Team Nord"


def make_supporter(name: str, *, team: str = TEAM) -> "User":
    from valv.tenants.support import add_supporter

    return add_supporter(
        f"{name}@operator.example",
        password=PASSWORD,
        name=name.title(),
        team=team,
        actor=OPERATOR,
        now=NOW,
    )


def let_in(alma: Visitor, who: str = f"team:{TEAM}", **fields: Any) -> Any:
    """As the form does."""
    known = {"who": who, "rights": ["see", "play"], "days": "1", "reason": "Felet 7"}
    return alma.post("/support-access", **{**known, **fields})


def grant_of(alma: Visitor) -> int:
    """The number of the newest grant."""
    from valv.storage import scope
    from valv.tenants.models import SupportGrant

    with scope.reading(alma._tenant_id):
        return int(SupportGrant.objects.order_by("-id").values_list("id", flat=True)[0])


def enters(supporter: Visitor, alma: Visitor) -> Any:
    """Enter the tenant by its newest grant."""
    return supporter.post(f"/support-desk/{alma._tenant_id}/{grant_of(alma)}")
