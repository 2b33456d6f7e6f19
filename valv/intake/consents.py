"""Consent records: what events and arrivals tell of answers, kept with the interaction.

They outlive the raw events that told of them. Each stands under the keyed hash of its
event, so told twice, late or in any order there is the same one (law 12).
"""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from valv.archive.models import Consent
from valv.archive.text import Asked, asked_role
from valv.core.answers import ConsentRecord
from valv.core.consent import consents_in
from valv.intake.drafts import Draft
from valv.intake.told import Told
from valv.storage import keys
from valv.tenants.models import Tenant
from valv.tenants.queries import masking_of

HASH_BYTES = 16


def of_events(draft: Draft, told: Iterable[Told]) -> list[Consent]:
    """The answers that events tell of; those known already are saved only once."""
    return [
        _row(draft, record, event=one.hash)
        for one in told
        for record in consents_in(one.event)
    ]


def of_arrival(
    tenant: Tenant, draft: Draft, records: Sequence[ConsentRecord]
) -> list[Consent]:
    """The answers among these that are not held yet."""
    if not records:
        return []
    masking = masking_of(tenant)
    masked = [
        replace(one, question=masking.line(one.question)) if one.question else one
        for one in records
    ]
    rows = [_row(draft, one, event=_hash(draft, one)) for one in masked]
    held = Consent.objects.filter(interaction_id=draft.id)
    known = {(bytes(e), p) for e, p in held.values_list("event", "purpose")}
    return [row for row in rows if (row.event, row.purpose) not in known]


def _hash(draft: Draft, record: ConsentRecord) -> bytes:
    told = msgspec.json.encode(record)
    return keys.digest(draft.tenant_id, "consent", told)[:HASH_BYTES]


def _row(draft: Draft, record: ConsentRecord, *, event: bytes) -> Consent:
    asked = Asked(record.question, record.version)
    sealed = None
    if asked != Asked() and draft.key is not None:
        sealed = draft.sealed(asked, asked_role(event, record.purpose.number))
    return Consent(
        interaction_id=draft.id,
        event=event,
        purpose=record.purpose.number,
        answer=record.answer.number,
        how=record.how.number,
        at=record.at,
        sealed=sealed,
    )
