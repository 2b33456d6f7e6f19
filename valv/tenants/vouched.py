"""Whom a provider vouches for, as a user of the tenant, with what their groups give.

A user is known by issuer and subject, which never change hands. The first time, a
verified address leads to the user of this tenant who signs in by it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.errors import ValvError
from valv.core.people import SYSTEM
from valv.core.sign_in_rules import Provider
from valv.storage import scope
from valv.tenants.models import Tenant, User, UserGroup
from valv.tenants.operations import LONGEST_NAME, check_address_is_free
from valv.tenants.queries import hash_of
from valv.tenants.signin_models import ProviderIdentity
from valv.tenants.users import everyone


def user_vouched_for(
    tenant: Tenant, provider: Provider, claims: Mapping[str, Any], *, now: datetime
) -> User | None:
    """The active user, made or linked if the tenant lets it; None for nobody.

    Where groups are mapped, who is in none of them is nobody.
    """
    identity = hash_of(f"{provider.issuer}\0{claims['sub']}")
    with scope.writing(tenant.id):
        group = _group(provider, claims)
        if provider.groups and group is None:
            return None
        user = _known(identity) or _linked(identity, claims, now=now)
        if user is None and provider.makes_users:
            user = _made(identity, claims, now=now)
        if user is None or not user.is_active:
            return None
        if group is not None:
            _move(tenant, user, group, now=now)
    return user


def _known(identity: bytes) -> User | None:
    row = ProviderIdentity.objects.filter(hash=identity).first()
    return None if row is None else User.objects.filter(id=row.user_id).first()


def _address(claims: Mapping[str, Any]) -> str | None:
    """Only an address that the provider says it has verified leads to anybody."""
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        return None
    return email.strip().lower()


def _linked(
    identity: bytes, claims: Mapping[str, Any], *, now: datetime
) -> User | None:
    address = _address(claims)
    user = address and User.objects.filter(email=address, is_active=True).first()
    if not user:
        return None
    if ProviderIdentity.objects.filter(user_id=user.id).exists():
        return None  # the address now is somebody else's at the provider
    _link(user, identity, now=now)
    return user


def _link(user: User, identity: bytes, *, now: datetime) -> None:
    ProviderIdentity.objects.create(user_id=user.id, hash=identity, made_at=now)
    _note(user, "provider_identity", now=now)


def _made(identity: bytes, claims: Mapping[str, Any], *, now: datetime) -> User | None:
    address = _address(claims)
    if address is None:
        return None
    try:
        check_address_is_free(address)
    except ValvError:
        return None
    user = User.objects.create(
        email=address,
        name=_name(claims, address),
        rights=[],
        password=make_password(None),
        created_at=now,
    )
    _note(user, "user", now=now)
    _link(user, identity, now=now)
    return user


def _name(claims: Mapping[str, Any], address: str) -> str:
    told = str(claims.get("name") or "").strip()[:LONGEST_NAME]
    return told if told.isprintable() and told else address.partition("@")[0]


def _group(provider: Provider, claims: Mapping[str, Any]) -> UserGroup | None:
    """The user group of the first that is named and that they are in."""
    told = claims.get(provider.groups_claim)
    names = {told} if isinstance(told, str) else set(map(str, told or ()))
    wanted = (one.group for one in provider.groups if one.claim in names)
    found = (UserGroup.objects.filter(id=number).first() for number in wanted)
    return next((group for group in found if group is not None), None)


def _move(tenant: Tenant, user: User, group: UserGroup, *, now: datetime) -> None:
    """From each signing-in on they are where the provider says.

    Unless nobody would be left who sees to users: then they stay where they are, come
    in all the same, and it is entered.
    """
    if user.group_id == group.id:
        return
    stood = everyone(tenant, alone=True).who_see_to_users()
    before = user.group_id
    User.objects.filter(id=user.id).update(group_id=group.id)
    if stood and not everyone(tenant).who_see_to_users():
        User.objects.filter(id=user.id).update(group_id=before)
        _note(user, "last_who_sees_to_users", now=now)
        return
    user.group_id = group.id
    details = setting("user", {"group": before}, {"group": group.id})
    details |= {"user": user.id, "by": "provider"}
    record(Act(Action.SETTING, details=details), actor=SYSTEM, now=now)


def _note(user: User, what: str, *, now: datetime) -> None:
    details = {"setting": what, "user": user.id, "by": "provider"}
    record(Act(Action.SETTING, details=details), actor=SYSTEM, now=now)
