"""All that a living key opens, as plain bytes: whoever holds both may read this much.

Blobs by the key that their name tells, whether or not a row still names them, and every
sealed column of every tenant's rows. What no living key opens is passed over.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import BinaryField

from tests.laws.laying import owned
from valv.archive import identifiers, text
from valv.archive.models import (
    ChatPart,
    Consent,
    Identifier,
    Interaction,
    RawEvent,
    StoredSearch,
    Survey,
)
from valv.intake import chats
from valv.lifecycle import plans, requests
from valv.lifecycle.models import Job, PrivacyRequest
from valv.storage import blobstore, keys, scope
from valv.storage.keys import KeyKind
from valv.storage.sealed import SealedReader, blob_context, open_value
from valv.tenants.models import Authenticator, MaskingSetting, SignInSetting
from valv.tenants.queries import tenants

Sealed = tuple[KeyKind, int, bytes, bytes]  # by which key, under which context, what


def everything() -> Iterator[tuple[str, bytes]]:
    """Where it stands, and what it says."""
    for blob in list(blobstore.store().list("")):
        yield from _blob(blob.key, blob.size)
    for tenant in tenants():
        with scope.reading(tenant.id):
            for (model, column), told in COLUMNS.items():
                rows = model.objects.exclude(**{f"{column}__isnull": True})
                for row in rows:
                    place = f"{model._meta.db_table}.{column}"
                    yield from _value(tenant.id, place, told(tenant.id, row))


def _blob(name: str, size: int) -> Iterator[tuple[str, bytes]]:
    """Blobs are named ``tenant/day/id.role``."""
    tenant, _, last = name.split("/")
    number, _, role = last.partition(".")
    tenant_id, object_id = int(tenant), int(number, 16)
    key = keys.read(tenant_id, KeyKind.CONTENT, [object_id]).get(object_id)
    if key is None:
        return
    reader = SealedReader(
        lambda start, end: blobstore.store().open(name, start, end),
        size,
        key=key,
        context=blob_context(tenant_id, object_id=object_id, role=role),
    )
    yield name, b"".join(reader.read())


def _value(tenant_id: int, place: str, sealed: Sealed) -> Iterator[tuple[str, bytes]]:
    kind, object_id, context, value = sealed
    if kind is KeyKind.TENANT:
        yield place, open_value(value, key=keys.of_tenant(tenant_id), context=context)
        return
    key = keys.read(tenant_id, kind, [object_id]).get(object_id)
    if key is not None and value:
        yield place, open_value(value, key=key, context=context)


def _text(role: str, column: str, owner: str) -> Callable[[int, Any], Sealed]:
    def told(tenant_id: int, row: Any) -> Sealed:
        id_ = getattr(row, owner)
        context = text.context_of(tenant_id, id_, role)
        return KeyKind.TEXT, id_, context, bytes(getattr(row, column))

    return told


def _asked(tenant_id: int, row: Any) -> Sealed:
    role = text.asked_role(bytes(row.event), row.purpose)
    context = text.context_of(tenant_id, row.interaction_id, role)
    return KeyKind.TEXT, row.interaction_id, context, bytes(row.sealed)


def _part(tenant_id: int, row: Any) -> Sealed:
    context = chats._context(tenant_id, row.content_id, bytes(row.event))
    return KeyKind.CONTENT, row.content_id, context, bytes(row.sealed)


def _identifier(tenant_id: int, row: Any) -> Sealed:
    context = identifiers.context_of(tenant_id, row.id)
    return KeyKind.IDENTIFIER, row.id, context, bytes(row.sealed)


def _search(tenant_id: int, row: Any) -> Sealed:
    context = f"search:{tenant_id}:{row.id}".encode()
    return KeyKind.TENANT, tenant_id, context, bytes(row.sealed)


def _masking(tenant_id: int, row: Any) -> Sealed:
    context = f"masking:{tenant_id}:{row.version}".encode()
    return KeyKind.TENANT, tenant_id, context, bytes(row.sealed)


def _job(tenant_id: int, row: Any) -> Sealed:
    context = plans.context_of(tenant_id, row.id)
    return KeyKind.JOB, row.id, context, bytes(row.sealed)


def _request(tenant_id: int, row: Any) -> Sealed:
    context = requests._context(tenant_id, row.id)
    return KeyKind.JOB, row.id, context, bytes(row.sealed)


def _sign_in(tenant_id: int, row: Any) -> Sealed:
    context = f"sign-in:{tenant_id}".encode()
    return KeyKind.TENANT, tenant_id, context, bytes(row.sealed)


def _seed(tenant_id: int, row: Any) -> Sealed:
    context = f"authenticator:{tenant_id}:{row.user_id}".encode()
    return KeyKind.TENANT, tenant_id, context, bytes(row.seed)


COLUMNS: dict[tuple[Any, str], Callable[[int, Any], Sealed]] = {
    (Interaction, "text"): _text(text.GENERAL, "text", "id"),
    (Survey, "comment"): _text(text.COMMENT, "comment", "interaction_id"),
    (RawEvent, "body"): _text(text.EVENT, "body", "interaction_id"),
    (ChatPart, "sealed"): _part,
    (Consent, "sealed"): _asked,
    (Identifier, "sealed"): _identifier,
    (StoredSearch, "sealed"): _search,
    (Job, "sealed"): _job,
    (PrivacyRequest, "sealed"): _request,
    (MaskingSetting, "sealed"): _masking,
    (SignInSetting, "sealed"): _sign_in,
    (Authenticator, "seed"): _seed,
}
# Hashes, sums and public keys: nothing that opens.
CLOSED = {
    "identifier.hash", "standing_entry.hash", "content.digest", "raw_event.event",
    "chat_part.event", "consent.event", "api_token.hash", "api_token.previous_hash",
    "audit_entry.mac", "audit_entry.salts", "audit_entry.cuts", "audit_tile.hashes",
    "secure_link.hash", "secure_link.code", "secure_link.visit", "shared_copy.handle",
    "recovery_code.hash", "provider_identity.hash", "passkey.credential_id",
    "passkey.credential",
}  # fmt: skip


def binary_columns() -> set[str]:
    """Every column of bytes that a tenant's tables have."""
    return {
        f"{model._meta.db_table}.{field.attname}"
        for model in owned()
        for field in model._meta.fields
        if isinstance(field, BinaryField)
    }
