"""The cast of the tests, the same in every file.

Two tenants: Acme in Stockholm and Borealis. Alma administers Acme, Bo sees general
information only, Cleo sees to privacy and reads the audit log, and Dag, who may do
everything at Borealis, is a stranger at Acme. The clock stands at ``NOW``.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

from valv.core.people import Actor, ActorType
from valv.core.permissions import RIGHTS_OF_ROLE, Right, Role, Scope

if TYPE_CHECKING:
    from valv.tenants.models import Tenant, User

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
PASSWORD = "correct horse battery"
OPERATOR = Actor(ActorType.OPERATOR, "root")


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def installation(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `valv init` lays before the first tenant; passwords are quick, not safe.

    Nor does a wrong one take its time.
    """
    from valv.portal.views import sign_in
    from valv.storage import installation

    monkeypatch.setattr(sign_in, "FAILURE_TAKES", 0)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    installation.begin(now=NOW)


@pytest.fixture
def acme(installation: None) -> "Tenant":
    return make_tenant("acme", region="SE", timezone="Europe/Stockholm")


@pytest.fixture(scope="module")
def acme_once(laid_once: None) -> "Tenant":
    """Acme for a file that only reads what it lays, in which ``acme`` is this."""
    from valv.storage import installation

    installation.begin(now=NOW)
    return make_tenant("acme", region="SE", timezone="Europe/Stockholm")


@pytest.fixture
def borealis(installation: None) -> "Tenant":
    return make_tenant("borealis", region="FI", timezone="Europe/Helsinki")


@pytest.fixture
def alma(acme: "Tenant") -> "User":
    return make_user("alma", acme, role=Role.OWNER)


@pytest.fixture
def bo(acme: "Tenant") -> "User":
    return make_user("bo", acme, role=Role.GENERAL_ONLY)


@pytest.fixture
def cleo(acme: "Tenant") -> "User":
    return make_user("cleo", acme, role=Role.PRIVACY_OFFICER)


@pytest.fixture
def dag(borealis: "Tenant") -> "User":
    return make_user("dag", borealis, role=Role.OWNER)


def make_tenant(slug: str, *, region: str, timezone: str) -> "Tenant":
    from valv.tenants.operations import create_tenant

    return create_tenant(
        slug,
        name=slug.title(),
        region=region,
        timezone=timezone,
        actor=OPERATOR,
        now=NOW,
    )


def make_user(name: str, tenant: "Tenant", *, role: Role) -> "User":
    from valv.tenants.operations import create_user

    return create_user(
        tenant,
        email=f"{name}@{tenant.slug}.example",
        name=name.title(),
        password=PASSWORD,
        rights=RIGHTS_OF_ROLE[role],
        actor=OPERATOR,
        now=NOW,
    )


def make_token(tenant: "Tenant", *, scopes: Iterable[Scope] = tuple(Scope)) -> str:
    """A token for the API, with every scope unless stated."""
    from valv.tenants.tokens import create_token

    made = create_token(
        tenant,
        name="test",
        scopes=scopes,
        within=Right,
        lifetime="never",
        actor=OPERATOR,
        now=NOW,
    )
    return made.secret
