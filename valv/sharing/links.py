"""Secure links: copies of content for someone who has no account here.

To send one: the copies are sealed under keys of their own that are in memory alone,
and their destruction is promised; link and entry are committed; the mail goes; then the
keys are committed and the link opens. Wherever that is cut short, nothing opens. How
links end is in ``link_ends``; what a copy is of takes it along when it goes.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from os import urandom
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from valv.archive import contents, identifiers, lock
from valv.archive.access import readable_interaction
from valv.archive.contents import Sealing
from valv.archive.identifiers import Wanted
from valv.archive.mentions import stated_reason
from valv.archive.models import Content, Interaction, SecureLink, SharedCopy
from valv.archive.operations import locked
from valv.archive.sights import name_of
from valv.audit.actions import Action
from valv.audit.operations import record
from valv.core.errors import Conflict, Gone, Malformed, NotFound, Refused
from valv.core.identifiers import Kind, read_identifier
from valv.core.interaction import ContentKind, ContentState
from valv.core.links import Ended, Limits, token_of
from valv.core.permissions import Right
from valv.core.purposes import Use, use_from
from valv.core.reasons import Needs
from valv.sharing import mail, sms
from valv.sharing.link_ends import copies_of, entry_of
from valv.sharing.link_mail import link_mail
from valv.storage import intents, scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.queries import hash_of

Place = tuple[ContentKind, int]
AddressOf = Callable[[str], str]
SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Offer:
    """What is to be shared, and with whom.

    ``code_to`` is an e-mail address or phone number; empty, the code goes where the
    link went.
    """

    places: tuple[Place, ...]
    address: str
    code_to: str
    limits: Limits
    use: Use | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Copied:
    """A sealed copy on its way: of which row, and under which promise."""

    row: Content
    sealing: Sealing

    @property
    def name(self) -> str:
        return name_of(ContentKind.numbered(self.row.kind), self.row.n)


def send_link(
    caller: Caller,
    interaction_id: int,
    offer: Offer,
    *,
    address_of: AddressOf,
    now: datetime,
) -> int:
    """Share content of one interaction; answers the link's number.

    ``address_of`` makes the address that a token is opened at. Raises Forbidden,
    NotFound, Gone, Refused by the lock, ReasonRequired, Malformed naming the
    field, and Busy or MailNotSent: then nothing is shared, and it may be sent again.
    """
    caller.require(Right.LINKS)
    caller.require(Right.PLAY)
    to, code_to = _recipients(caller.tenant, offer)
    reason = stated_reason(caller.tenant, Needs.DOWNLOAD, offer.reason, now=now)
    offer = replace(offer, reason=reason)
    if not offer.places:
        raise Malformed("There is nothing to share.", field="contents")
    first = name_of(*offer.places[0])
    with lock.entered(caller, interaction_id, first, offer.use, now=now):
        rows = _shareable(caller, interaction_id, offer)
    with _sealed_copies(caller.tenant.id, rows, now=now) as copies:
        link = _lay(caller, interaction_id, offer, copies, to, code_to, now=now)
        token = token_of(caller.tenant.id, urandom(SECRET_BYTES))
        with _unsent_if_it_fails(caller, link, copies, now=now):
            mail.send(_letter(caller.tenant, link, to, address_of(token), now=now))
            _open(caller, link, copies, token, now=now)
    return int(link.id)


def _recipients(tenant: Tenant, offer: Offer) -> tuple[Wanted, Wanted]:
    """Raises Malformed for what is no address, or a number nobody can send to."""
    to = _address(tenant, offer.address, field="address")
    if not offer.code_to:
        return to, to
    if "@" in offer.code_to:
        return to, _address(tenant, offer.code_to, field="code_to")
    if not sms.is_set_up():
        raise Malformed("Codes can only go by e-mail here.", field="code_to")
    number = read_identifier(offer.code_to, kind=Kind.PHONE, region=tenant.region)
    if not number.normal.startswith("+"):
        raise Malformed("That is no phone number.", field="code_to")
    return to, Wanted(number.kind, number.normal, number.shown, number.form.value)


def _address(tenant: Tenant, address: str, *, field: str) -> Wanted:
    try:
        validate_email(address)
    except ValidationError:
        raise Malformed("That is no e-mail address.", field=field) from None
    one = read_identifier(address, kind=Kind.EMAIL, region=tenant.region)
    return Wanted(one.kind, one.normal, one.shown, one.form.value)


def _shareable(caller: Caller, interaction_id: int, offer: Offer) -> list[Content]:
    """The rows that may be shared. Raises as ``send_link``."""
    with scope.reading(caller.tenant.id):
        interaction = readable_interaction(caller, interaction_id)
        lock.check(caller, interaction, offer.use)
        return [_present(interaction.id, place) for place in offer.places]


def _present(interaction_id: int, place: Place) -> Content:
    row = contents.row_of(interaction_id, *place)
    contents.raise_if_removed(row)
    if row is None or row.state != ContentState.PRESENT.number:
        raise NotFound
    return row


@contextmanager
def _sealed_copies(
    tenant_id: int, rows: Iterable[Content], *, now: datetime
) -> Iterator[list[_Copied]]:
    """Copies that are destroyed unless the block is left well."""
    made: list[_Copied] = []
    try:
        for row in rows:
            made.append(_Copied(row, contents.begin(tenant_id, now=now)))
            made[-1] = _Copied(row, _stored(row, made[-1].sealing))
        promised = contents.promise([one.sealing for one in made], now=now)
        made = [_Copied(one.row, two) for one, two in zip(made, promised, strict=True)]
        yield made
    except BaseException:
        for one in made:
            contents.abandon(one.sealing)
        raise


def _stored(row: Content, sealing: Sealing) -> Sealing:
    reader = contents.reader(row)
    if reader is None:
        raise Gone("This content is gone.")
    return contents.store(sealing, ContentKind.numbered(row.kind), reader.read())


def _lay(
    caller: Caller,
    interaction_id: int,
    offer: Offer,
    copies: list[_Copied],
    to: Wanted,
    code_to: Wanted,
    *,
    now: datetime,
) -> SecureLink:
    """The link that is to be sent, with its entries; it leads nowhere yet."""
    tenant = caller.tenant
    with scope.writing(tenant.id):
        if locked(interaction_id).anonymised_at is not None:
            raise Refused("anonymised", "The person was cut from this interaction.")
        found = identifiers.resolve(tenant, {to, code_to}, now=now)
        link = SecureLink.objects.create(
            interaction_id=interaction_id,
            recipient_id=found[to],
            code_to_id=found[code_to],
            purpose=offer.use or "",
            most_plays=offer.limits.plays,
            created_at=now,
            created_by=caller.actor.name,
            expires_at=offer.limits.expires_at(now),
        )
        told = {"days": offer.limits.days, "plays": link.most_plays}
        told_why = lock.purpose_of(offer.use)
        record(
            [
                entry_of(
                    Action.SHARE,
                    link,
                    one.name,
                    reason=offer.reason,
                    **told,
                    **told_why,
                )
                for one in copies
            ],
            actor=caller.actor,
            now=now,
        )
    return link


def _letter(
    tenant: Tenant, link: SecureLink, to: Wanted, address: str, *, now: datetime
) -> EmailMessage:
    until = link.expires_at
    return link_mail(tenant, to=to.shown, address=address, until=until, now=now)


@contextmanager
def _unsent_if_it_fails(
    caller: Caller, link: SecureLink, copies: list[_Copied], *, now: datetime
) -> Iterator[None]:
    """Say of a link that it was not sent; a commit may be done, its answer lost."""
    try:
        yield
    except Exception:
        with scope.writing(caller.tenant.id):
            open_ones = SecureLink.objects.filter(id=link.id, ended_at=None)
            open_ones.update(hash=None, ended_at=now, ended_why=Ended.UNSENT)
            doomed = intents.commit(contents.doomed_copies(copies_of([link]), now=now))
            act = entry_of(Action.SHARE, link, copies[0].name, failed=True)
            record(act, actor=caller.actor, now=now)
        intents.carry_out(caller.tenant.id, doomed)
        raise


def _open(
    caller: Caller,
    link: SecureLink,
    copies: list[_Copied],
    token: str,
    *,
    now: datetime,
) -> None:
    """Commit the keys, and let the link lead to what is still there.

    Raises Gone or NotFound if something went meanwhile, Refused by the lock, Conflict
    if the link was ended.
    """
    with scope.writing(caller.tenant.id):
        interaction = locked(link.interaction_id)
        lock.check(caller, interaction, use_from(link.purpose))
        for one in copies:
            _admit(link, one)
        opened = SecureLink.objects.filter(id=link.id, ended_at=None).update(
            hash=hash_of(token), sent_at=now
        )
        if not opened or interaction.anonymised_at is not None:
            raise Conflict("The link was ended meanwhile.")


def _admit(link: SecureLink, copied: _Copied) -> None:
    """As ``contents.admit``: key and row, while the original is what it was."""
    row, sealing = copied.row, copied.sealing
    there = _present(row.interaction_id, (ContentKind.numbered(row.kind), row.n))
    if there.id != row.id:
        raise Gone("This content was replaced.")
    contents.redeem(sealing)
    SharedCopy.objects.create(
        id=sealing.id,
        link_id=link.id,
        interaction_id=row.interaction_id,
        of_id=row.id or 0,
        kind=row.kind,
        n=row.n,
        blob=sealing.blob,
        stored_bytes=sealing.stored_bytes,
        seconds=row.seconds,
        format=row.format,
    )


def shareable_interaction(caller: Caller, interaction_id: str) -> Interaction:
    """The interaction whose content is to be shared, for one who may. In a scope."""
    caller.require(Right.LINKS)
    caller.require(Right.PLAY)
    return readable_interaction(caller, interaction_id)
