"""A way to ask the API as somebody."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.test import Client

from tests.cast import make_token
from valv.audit.models import Entry
from valv.core.permissions import Scope
from valv.storage import scope
from valv.tenants.models import Tenant

Ask = Callable[..., Any]


class Asker:
    """A machine with a token of one tenant."""

    def __init__(self, tenant: Tenant, scopes: Iterable[Scope] = tuple(Scope)) -> None:
        self.tenant = tenant
        self._client = Client()
        self._headers = {"Authorization": f"Bearer {make_token(tenant, scopes=scopes)}"}

    def __call__(self, method: str, path: str, **asked: Any) -> Any:
        headers = {**self._headers, **asked.pop("headers", {})}
        return self._client.generic(method, f"/api/v1{path}", headers=headers, **asked)

    def entries(self, action: str) -> list[Entry]:
        with scope.reading(self.tenant.id):
            return list(Entry.objects.filter(action=action).order_by("id"))


@pytest.fixture
def ask(acme: Tenant) -> Asker:
    """Acme's machine, which may do everything there."""
    return Asker(acme)


@pytest.fixture
def stranger(borealis: Tenant) -> Asker:
    """Borealis' machine, which may do everything there, and nothing at Acme."""
    return Asker(borealis)


def body_of(answer: Any) -> bytes:
    content = answer.getvalue()
    assert isinstance(content, bytes)
    return content
