"""A way to visit the portal as somebody, and to read what the log says of it."""

from typing import TYPE_CHECKING, Any

from django.test import Client

from tests.cast import PASSWORD

if TYPE_CHECKING:
    from valv.audit.models import Entry
    from valv.tenants.models import User

PLACES = ("archive", "surveys", "raw_data")
TICKED = dict.fromkeys(("anonymise", "blank", *PLACES), "on")
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/search"}


class Visitor:
    """A browser; ``enters`` signs someone in by the very form."""

    def __init__(self) -> None:
        self.client = Client()

    def enters(self, user: "User") -> "Visitor":
        answer = self.post("/sign-in", username=user.email, password=PASSWORD)
        assert answer.status_code == 303
        self._tenant_id = user.tenant_id
        return self

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def post(self, path: str, **fields: Any) -> Any:
        return self.client.post(path, fields)

    def asks(self, path: str, **fields: Any) -> Any:
        """As htmx does."""
        return self.client.post(path, fields, headers=HTMX)

    def entries(self, action: str) -> "list[Entry]":
        from valv.audit import searches
        from valv.audit.models import Entry
        from valv.storage import scope

        searches.flush()
        with scope.reading(self._tenant_id):
            return list(Entry.objects.filter(action=action).order_by("id"))


def text_of(answer: Any) -> str:
    return str(answer.content.decode())
