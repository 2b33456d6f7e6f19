"""The record of processing activities (GDPR Art. 30.1), from the settings in force.

It tells what this archive is set to do now, by words that the pages and the API have in
common, and names nobody. Why the tenant may do so is the tenant's own to write.
"""

from datetime import datetime

from msgspec import Struct

from valv.archive.models import Interaction, SecureLink
from valv.core.permissions import Right
from valv.core.retention import FOREVER, StorageTimes, Stored
from valv.core.tokens import TokenState, state_of
from valv.lifecycle.queries import in_store
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, Token, User
from valv.tenants.queries import masking_version, storage_times
from valv.tenants.signin_settings import rules_in_force
from valv.tenants.support_models import SupportGrant
from valv.tenants.tokens import tokens_of

PEOPLE = ("customers", "others", "agents", "users")


class Category(Struct, frozen=True):
    """A class of personal data. ``days`` is null for ever; ``held`` counts rows."""

    data: str
    days: int | None
    held: int


class Recipient(Struct, frozen=True):
    """To whom data may be disclosed, and how many of them there are now."""

    who: str
    count: int


class Safeguard(Struct, frozen=True):
    """A measure (Art. 32), and whether it is in force."""

    what: str
    on: bool


class ProcessingRecord(Struct, frozen=True):
    """What Art. 30.1 asks for, as of a moment; nothing leaves for third countries."""

    controller: str
    country: str
    timezone: str
    at: datetime
    purposes: tuple[str, ...]
    people: tuple[str, ...]
    categories: tuple[Category, ...]
    recipients: tuple[Recipient, ...]
    safeguards: tuple[Safeguard, ...]


def processing_record(caller: Caller, *, now: datetime) -> ProcessingRecord:
    """The record as of now. Raises Forbidden."""
    caller.require(Right.RETENTION)
    tenant, held = caller.tenant, in_store(caller)
    with scope.reading(tenant.id):
        times = storage_times()
        return ProcessingRecord(
            controller=tenant.name,
            country=tenant.region,
            timezone=tenant.timezone,
            at=now,
            purposes=_purposes(tenant, times),
            people=PEOPLE,
            categories=tuple(
                Category(stored.value, _days(times, stored), held[stored].count)
                for stored in Stored
                if stored is not Stored.SCORES  # which are of nobody
            ),
            recipients=_recipients(tenant, now),
            safeguards=_safeguards(tenant),
        )


def _days(times: StorageTimes, stored: Stored) -> int | None:
    days = times.effective(stored)
    return None if days is FOREVER else int(days)


def _purposes(tenant: Tenant, times: StorageTimes) -> tuple[str, ...]:
    """What it is for; what is not kept at all serves no purpose."""
    wanted = {
        "contacts": True,
        "recordings": _days(times, Stored.RECORDINGS) != 0,
        "chat_logs": _days(times, Stored.CHAT_LOGS) != 0,
        "surveys": _days(times, Stored.SURVEYS) != 0,
        "social": bool(tenant.social_content),
        "log": True,
    }
    return tuple(purpose for purpose, is_served in wanted.items() if is_served)


def _recipients(tenant: Tenant, now: datetime) -> tuple[Recipient, ...]:
    grants = SupportGrant.objects.filter(ended_at=None, expires_at__gt=now)
    links = SecureLink.objects.filter(ended_at=None, expires_at__gt=now)
    counts = {
        "users": User.objects.filter(is_active=True).count(),
        "tokens": sum(_is_open(token, now) for token in tokens_of(tenant)),
        "support": grants.count(),
        "links": links.count(),
    }
    return tuple(Recipient(who, count) for who, count in counts.items())


def _is_open(token: Token, now: datetime) -> bool:
    ends, revoked = token.expires_at, token.revoked_at
    state = state_of(expires_at=ends, revoked_at=revoked, now=now)
    return state in (TokenState.VALID, TokenState.ENDS_SOON)


def _safeguards(tenant: Tenant) -> tuple[Safeguard, ...]:
    rules = rules_in_force()
    masking = masking_version(tenant.id, tenant.masking_version).rules
    measures = {
        "sealed": True,
        "keys_apart": True,
        "log": True,
        "nightly": True,
        "masking": not masking.off,
        "second_factor": rules.second_factor,
        "reasons": bool(tenant.reasons_required),
        "two_persons": bool(tenant.hold_two_persons),
        "storage_two_persons": bool(tenant.storage_two_persons),
        "token_life": tenant.longest_token_days is not None,
        "former_users": tenant.former_after_days is not None,
        "holds": Interaction.objects.filter(held=True).exists(),
    }
    return tuple(Safeguard(what, bool(on)) for what, on in measures.items())
