"""Holds: placed, listed and released; and how they are released."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from valv.api.endpoint import Answer, Call, endpoint
from valv.core.errors import NotFound
from valv.core.holds import HoldRule
from valv.core.identifiers import Kind
from valv.core.ids import id_from_text
from valv.core.interaction import Media
from valv.core.permissions import Right
from valv.core.search import SearchRequest, read_search
from valv.lifecycle.holds import (
    Matter,
    Wanted,
    holds,
    people_of,
    place,
    release,
    release_rules,
    set_release_rules,
    shown_hold,
)
from valv.tenants.models import Tenant

LONGEST_ID = 18
Text = str | list[str]


class Coming(msgspec.Struct, forbid_unknown_fields=True):
    """What a hold covers of what arrives; one of each kind that is named must fit."""

    queue: list[str] = []
    agent: list[str] = []
    media: list[Media] = []
    phone: list[str] = []
    email: list[str] = []
    handle: list[str] = []


class HoldAsked(msgspec.Struct, forbid_unknown_fields=True):
    """A matter, and what it covers: hits of a search, interactions, what is to come."""

    matter: str
    owner: str
    reason: str
    search: dict[str, Text] | None = None
    interactions: list[str] = []
    coming: Coming | None = None


class ComingShown(msgspec.Struct):
    """What arrives under the hold; of people, how many are named."""

    queue: list[str]
    agent: list[str]
    media: list[Media]
    people: int


class HoldShown(msgspec.Struct):
    """A hold. ``state`` is placing, placed, asked, grace or lifted."""

    id: str
    state: str
    matter: str
    owner: str
    reason: str
    interactions: int
    coming: ComingShown
    placed_at: str
    placed_by: str
    release_asked_by: str
    released_at: str | None
    released_by: str
    release_reason: str
    lifts_at: str | None


class Holds(msgspec.Struct):
    """All holds, newest first."""

    items: list[HoldShown]


class ReleaseAsked(msgspec.Struct, forbid_unknown_fields=True):
    """Why the matter needs it no more."""

    reason: str


class ReleaseRules(msgspec.Struct, forbid_unknown_fields=True):
    """Days before what was released may go; whether it takes two persons."""

    grace_days: int
    two_persons: bool


@endpoint("GET", "/holds", right=Right.HOLDS, answers={200: Holds})
def list_holds(call: Call) -> dict[str, Any]:
    """List all holds, those that were released too."""
    return {"items": [shown_hold(one, now=call.now) for one in holds(call.caller)]}


@endpoint("POST", "/holds", right=Right.HOLDS, body=HoldAsked, answers={201: HoldShown})
def place_hold(call: Call) -> Answer:
    """Place a hold; one that was cut short is gone on with under the same name."""
    asked = call.json(HoldAsked)
    tenant = call.caller.tenant
    wanted = Wanted(
        search=_search(tenant, asked.search),
        interactions=frozenset(map(id_from_text, asked.interactions)),
        rule=_rule(tenant, asked.coming),
    )
    matter = Matter(name=asked.matter, owner=asked.owner, reason=asked.reason)
    placed = place(call.caller, matter, wanted, now=call.now)
    return Answer(shown_hold(placed, now=call.now), 201)


def _search(tenant: Tenant, asked: dict[str, Text] | None) -> SearchRequest | None:
    if not asked:
        return None
    typed = [
        (name, one)
        for name, texts in asked.items()
        for one in ([texts] if isinstance(texts, str) else texts)
    ]
    return read_search(typed, zone=ZoneInfo(tenant.timezone), region=tenant.region)


def _rule(tenant: Tenant, coming: Coming | None) -> HoldRule | None:
    if coming is None:
        return None
    typed = {
        Kind.PHONE: coming.phone,
        Kind.EMAIL: coming.email,
        Kind.HANDLE: coming.handle,
    }
    people = [(kind, text) for kind, texts in typed.items() for text in texts]
    return HoldRule(
        tuple(coming.queue),
        tuple(coming.agent),
        tuple(coming.media),
        people_of(tenant, people),
    )


@endpoint(
    "POST",
    "/holds/{hold}/release",
    right=Right.HOLDS,
    body=ReleaseAsked,
    answers={200: HoldShown},
)
def release_hold(call: Call, hold: str) -> dict[str, Any]:
    """Release a hold; where it takes two persons the first asks for it.

    403 with the rule ``second_person`` for the first of them alone.
    """
    if not (hold.isascii() and hold.isdecimal() and len(hold) <= LONGEST_ID):
        raise NotFound
    reason = call.json(ReleaseAsked).reason
    released = release(call.caller, int(hold), reason=reason, now=call.now)
    return shown_hold(released, now=call.now)


@endpoint("GET", "/settings/holds", right=Right.RETENTION, answers={200: ReleaseRules})
def show_release_rules(call: Call) -> dict[str, int | bool]:
    """Show how holds are released."""
    return release_rules(call.caller.tenant)


@endpoint(
    "PUT",
    "/settings/holds",
    right=Right.RETENTION,
    body=ReleaseRules,
    answers={200: ReleaseRules},
)
def put_release_rules(call: Call) -> dict[str, int | bool]:
    """Set how holds are released, from now on."""
    asked = call.json(ReleaseRules)
    tenant = call.caller.tenant
    set_release_rules(
        tenant,
        grace_days=asked.grace_days,
        two_persons=asked.two_persons,
        actor=call.caller.actor,
        now=call.now,
    )
    return release_rules(tenant)
