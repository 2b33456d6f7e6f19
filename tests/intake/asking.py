"""Sending things in over HTTP, as a source does."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from django.test import Client

from tests.cast import make_token
from valv.core.permissions import Scope
from valv.storage import scope
from valv.tenants.models import Tenant

API = "/api/v1"
SENDER = (Scope.INTAKE, Scope.READ, Scope.CONTENT, Scope.AUDIT, Scope.DELETE)


@dataclass(frozen=True, slots=True)
class Source:
    """One source of a tenant, with a token that may also look at what came of it."""

    tenant: Tenant
    token: str
    client: Client

    @classmethod
    def of(cls, tenant: Tenant) -> "Source":
        return cls(tenant, make_token(tenant, scopes=SENDER), Client())

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        return self.client.generic(
            method,
            API + path,
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )

    def put(self, session_id: str, **fields: object) -> Any:
        body = msgspec.json.encode(fields)
        return self.ask("PUT", f"/interactions/{session_id}", body)

    def put_survey(self, session_id: str, **fields: object) -> Any:
        body = msgspec.json.encode(fields)
        return self.ask("PUT", f"/interactions/{session_id}/survey", body)

    def put_chat_log(self, session_id: str, messages: list[Any]) -> Any:
        body = msgspec.json.encode({"messages": messages})
        return self.ask("PUT", f"/interactions/{session_id}/chat-log", body)

    def tell(self, *events: object) -> Any:
        """The answer to events, sent as NDJSON."""
        body = b"\n".join(map(msgspec.json.encode, events))
        answer = self.ask("POST", "/events", body)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def id_of(self, session_id: str) -> str:
        found = self.ask("GET", f"/interactions?session={session_id}").json()["items"]
        return str(found[0]["id"]) if found else ""

    def item(self, session_id: str) -> Any:
        return self.ask("GET", f"/interactions/{self.id_of(session_id)}").json()

    def chat_log(self, session_id: str) -> Any:
        return self.ask("GET", f"/interactions/{self.id_of(session_id)}/chat-log")

    def rows(self, model: Any, **where: object) -> list[Any]:
        with scope.reading(self.tenant.id):
            return list(model.objects.filter(**where))


def event(number: int, type_: str, *, session: str = "S1", **data: object) -> Any:
    """An event ``number`` seconds after a fixed moment, with that number as its id."""
    at = f"2026-11-20T09:{number // 60:02}:{number % 60:02}.000Z"
    named = {"from_": "from"}
    plain = {named.get(name, name): value for name, value in data.items()}
    return {
        "event_id": f"{session}-{number:04}",
        "session_id": session,
        "type": type_,
        "at": at,
        "data": plain,
    }


def states(item: Any) -> list[tuple[str, int, str]]:
    """Kind, number and state of an item's contents."""
    return [(c["kind"], c["n"], c["state"]) for c in item["contents"]]


def accepted(answer: Any) -> tuple[int, int, list[str]]:
    """The counts of an answer to events, and the rules that refused."""
    rules: Iterable[Any] = answer["refused"]
    return answer["accepted"], answer["duplicate"], [line["rule"] for line in rules]
