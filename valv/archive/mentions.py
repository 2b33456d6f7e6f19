"""Free text of staff at rest: whom it names by number or address is an identifier.

So whoever is forgotten is gone from reasons and holds in the same commit as from the
archive, and a number that staff wrote lies nowhere in plain. An identifier that nothing
else points at stays for as long as general information from when it was last written.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from valv.archive.identifiers import Wanted, lookup, resolve, reveal
from valv.archive.models import Identifier
from valv.core import mentions
from valv.core.errors import Malformed
from valv.core.identifiers import Identifier as Read
from valv.core.reasons import LONGEST, Needs
from valv.core.traces import leads_to_somebody
from valv.storage import scope
from valv.tenants.models import Tenant
from valv.tenants.reasons import stated


def stated_reason(tenant: Tenant, act: Needs, reason: str, *, now: datetime) -> str:
    """The reason for an act as it is kept. Raises as ``tenants.reasons.stated``."""
    return kept(tenant, stated(tenant, act, reason), now=now)


def kept(
    tenant: Tenant,
    text: str,
    *,
    now: datetime,
    field: str = "reason",
    longest: int = LONGEST,
) -> str:
    """A text with whom it names put by reference, as it may be kept in plain.

    Raises Malformed for one that is too long so, or leads to somebody all the same.
    """
    if not leads_to_somebody(text, region=tenant.region):
        return mentions.marked(text, lambda _: None, region=tenant.region)
    with scope.writing(tenant.id):
        told = mentions.marked(
            text, lambda who: _number(tenant, who, now=now), region=tenant.region
        )
    if leads_to_somebody(told, region=tenant.region) or len(told) > longest:
        raise Malformed("Name fewer people in it.", field=field)
    return told


def _number(tenant: Tenant, who: Read, *, now: datetime) -> int:
    wanted = Wanted(who.kind, who.normal, who.shown, who.form.value)
    number = resolve(tenant, [wanted], now=now)[wanted]
    Identifier.objects.filter(id=number).update(mentioned_at=now)
    return number


def sought(tenant: Tenant, text: str) -> str:
    """A text that kept ones are compared with; who is not known stays as typed.

    Inside a scope.
    """
    return mentions.marked(
        text,
        lambda who: next(iter(lookup(tenant, who.kind, who.normal)), None),
        region=tenant.region,
    )


def spelled(tenant_id: int, texts: Iterable[str]) -> dict[str, str]:
    """Kept texts that name somebody, as they are read. Inside a scope."""
    listed = {text for text in texts if mentions.has_marks(text)}
    if not listed:
        return {}
    shown = reveal(tenant_id, mentions.marks_in(listed))
    values = {number: one.shown for number, one in shown.items()}
    return {text: mentions.spelled(text, values) for text in listed}


def spell_out(tenant_id: int, rows: Iterable[Any], *fields: str) -> None:
    """Put the texts of rows that are shown, and never saved, as they are read."""
    listed = list(rows)
    said = spelled(tenant_id, (getattr(row, f) for row in listed for f in fields))
    for row in listed if said else ():
        for field in fields:
            text = getattr(row, field)
            setattr(row, field, said.get(text, text))


def still_named(tenant_id: int, texts: Iterable[str], *, now: datetime) -> None:
    """Whom texts name that stand for longer, such as those of holds, stays as well."""
    numbers = mentions.marks_in(texts)
    if numbers:
        with scope.writing(tenant_id):
            known = Identifier.objects.filter(id__in=numbers, sealed__isnull=False)
            known.update(mentioned_at=now)
