"""Free text at rest: sealed under its interaction's own key (kind ``text``)."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from valv.storage import keys
from valv.storage.keys import KeyKind
from valv.storage.sealed import open_value, seal_value

T = TypeVar("T")

# What is sealed under an interaction's text key, each in its own role.
GENERAL, COMMENT, EVENT = "general", "comment", "event"


class Text(msgspec.Struct, frozen=True, omit_defaults=True):
    """What may be free text in general information."""

    subject: str | None = None
    url: str | None = None
    variables: dict[str, str] = {}

    def is_empty(self) -> bool:
        return self == Text()


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was asked of a person, in their source's words."""

    question: str | None = None
    version: str | None = None


def asked_role(event: bytes, purpose: int) -> str:
    """The place of a consent's words: they open for no other answer."""
    return f"consent:{event.hex()}:{purpose}"


def context_of(tenant_id: int, interaction_id: int, role: str) -> bytes:
    return f"text:{tenant_id}:{interaction_id}:{role}".encode()


def seal_json(
    value: Any, *, tenant_id: int, interaction_id: int, key: bytes, role: str
) -> bytes:
    """Seal any JSON value for its place; it opens in no other."""
    context = context_of(tenant_id, interaction_id, role)
    return seal_value(msgspec.json.encode(value), key=key, context=context)


def open_json(
    sealed: bytes,
    type_: type[T],
    *,
    tenant_id: int,
    interaction_id: int,
    key: bytes,
    role: str,
) -> T:
    """Raises Tampered if the bytes were not sealed for this very place."""
    context = context_of(tenant_id, interaction_id, role)
    return msgspec.json.decode(open_value(sealed, key=key, context=context), type=type_)


def text_keys(tenant_id: int, interaction_ids: Iterable[int]) -> dict[int, bytes]:
    """The living text keys; an interaction whose text was cut has none."""
    return keys.read(tenant_id, KeyKind.TEXT, interaction_ids)
