"""A copy of a chat by e-mail: asked for by the visitor's chat, or sent by a person.

A chat whose storage was refused has no copy. What is to be sent, and to whom, is
entered and committed before it leaves; the log is then read and sent from memory, and
nothing is queued: what fails is entered too, and is asked for again.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from valv.archive import contents, identifiers, lock, sessions, spoken
from valv.archive.flags import Flag
from valv.archive.identifiers import Wanted
from valv.archive.models import ChatCopy, Content, Interaction
from valv.archive.operations import locked
from valv.archive.sights import Opened, chat_log_of
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Busy, Conflict, Gone, Malformed, NotFound, Refused
from valv.core.identifiers import Kind, read_identifier
from valv.core.interaction import ContentKind, ContentState
from valv.core.permissions import Right
from valv.core.purposes import Use
from valv.sharing import mail
from valv.sharing.chat_mail import chat_mail
from valv.sharing.mail import MailNotSent
from valv.storage import scope
from valv.tenants.access import Caller

LOG = "chat_log:1"


@dataclass(frozen=True, slots=True)
class _Begun:
    """A copy that is entered, and what it is made of; ``n`` counts from 1."""

    n: int
    to: str
    opened: Opened


@dataclass(frozen=True, slots=True)
class Sent:
    """The copy that went to an address; ``is_new`` unless it went there before."""

    interaction_id: int
    n: int
    is_new: bool


def send_for_visitor(
    caller: Caller, session_id: str, *, address: str | None, now: datetime
) -> Sent:
    """Send what the visitor asked their chat for; to an address it goes once.

    Raises NotFound for no such chat, Refused (``storage_refused``), Gone for a log that
    was removed, Conflict for one that is not there yet, Malformed for the address, and
    Busy or MailNotSent: then it may be sent again.
    """
    caller.require(Right.INTAKE)
    stored = sessions.stored_session_id(caller.tenant, session_id)
    with scope.reading(caller.tenant.id):
        found = sessions.interactions_of([stored]).get(stored)
    if found is None:
        raise NotFound
    with lock.entered(caller, found, LOG, None, now=now, action=Action.REFUSE):
        begun = _begin(caller, found, address, now=now)
    return _sent(caller, found, begun, now=now)


def send_by_person(
    caller: Caller,
    interaction_id: int,
    *,
    address: str | None,
    use: Use | None,
    now: datetime,
) -> Sent:
    """Send a copy as a person asks. Raises as ``send_for_visitor``, and by the lock."""
    caller.require(Right.DOWNLOAD)
    with lock.entered(caller, interaction_id, LOG, use, now=now):
        begun = _begin(caller, interaction_id, address, now=now, lock_for=use)
    return _sent(caller, interaction_id, begun, now=now)


def _sent(
    caller: Caller, interaction_id: int, begun: _Begun | int, *, now: datetime
) -> Sent:
    if isinstance(begun, int):
        return Sent(interaction_id, begun, is_new=False)
    _send(caller, interaction_id, begun, now=now)
    return Sent(interaction_id, begun.n, is_new=True)


class _Unlocked:
    """It goes to the very visitor, and is used for nothing else."""


UNLOCKED = _Unlocked()


def _begin(
    caller: Caller,
    interaction_id: int,
    address: str | None,
    *,
    now: datetime,
    lock_for: Use | _Unlocked | None = UNLOCKED,
) -> _Begun | int:
    """Enter a copy; or answer which one went to this very address already."""
    with scope.writing(caller.tenant.id):
        interaction = locked(interaction_id, reach=caller.reach)
        row = _log_of(interaction)
        if not isinstance(lock_for, _Unlocked):
            lock.check(caller, interaction, lock_for)
        to, identifier_id = _recipient(caller, interaction, address, now=now)
        copies = ChatCopy.objects.filter(interaction_id=interaction_id)
        went = copies.filter(identifier_id=identifier_id, sent_at__isnull=False).first()
        if went is not None:
            return went.n
        reader = contents.reader(row)
        if reader is None:
            raise Gone("This content is gone.")
        opened = Opened(interaction, row, reader, spoken.names_of(interaction))
        n = copies.count() + 1
        ChatCopy.objects.create(
            interaction_id=interaction_id,
            n=n,
            identifier_id=identifier_id,
            asked_at=now,
        )
        interaction.flags |= int(Flag.COPY)
        interaction.save(update_fields=["flags"])
        used = lock_for if isinstance(lock_for, Use) else None
        _enter(caller, interaction_id, identifier_id, lock.purpose_of(used), now=now)
    return _Begun(n, to, opened)


def _log_of(interaction: Interaction) -> Content:
    """The log that may be sent. Raises Refused, Gone or Conflict."""
    if interaction.storage_refused:
        raise Refused("storage_refused", "The visitor refused storage.")
    row = contents.row_of(interaction.id, ContentKind.CHAT_LOG, 1)
    contents.raise_if_removed(row)
    if row is None or row.provisional or row.state != ContentState.PRESENT.number:
        raise Conflict("There is no chat log yet. Ask again when the chat has ended.")
    return row


def _recipient(
    caller: Caller, interaction: Interaction, address: str | None, *, now: datetime
) -> tuple[str, int]:
    """Where to, and as which identifier that stands; without an address, the visitor's.

    Raises Refused (``anonymised``) once the person was cut, and Malformed.
    """
    if interaction.anonymised_at is not None:
        raise Refused("anonymised", "The person was cut from this interaction.")
    tenant = caller.tenant
    if address is None:
        shown = identifiers.reveal(tenant.id, filter(None, [interaction.email_id]))
        if interaction.email_id is None or interaction.email_id not in shown:
            raise Malformed("There is no address to send it to.", field="address")
        address = shown[interaction.email_id].shown
    try:
        validate_email(address)
    except ValidationError:
        raise Malformed("That is no e-mail address.", field="address") from None
    one = read_identifier(address, kind=Kind.EMAIL, region=tenant.region)
    wanted = Wanted(one.kind, one.normal, one.shown, one.form.value)
    return address, identifiers.resolve(tenant, [wanted], now=now)[wanted]


def _send(caller: Caller, interaction_id: int, begun: _Begun, *, now: datetime) -> None:
    tenant = caller.tenant
    with _failure_entered(caller, interaction_id, now=now):
        message = chat_mail(
            chat_log_of(begun.opened),
            tenant=tenant,
            to=begun.to,
            now=now,
        )
        mail.send(message)
    with scope.writing(tenant.id):
        copies = ChatCopy.objects.filter(interaction_id=interaction_id, n=begun.n)
        copies.update(sent_at=now)


@contextmanager
def _failure_entered(
    caller: Caller, interaction_id: int, *, now: datetime
) -> Iterator[None]:
    try:
        yield
    except (Busy, MailNotSent):
        with scope.writing(caller.tenant.id):
            _enter(caller, interaction_id, None, {"failed": True}, now=now)
        raise


def _enter(
    caller: Caller,
    interaction_id: int,
    identifier_id: int | None,
    details: Mapping[str, object],
    *,
    now: datetime,
) -> None:
    act = Act(
        Action.SEND,
        interaction_id,
        content=LOG,
        identifier_id=identifier_id,
        details=dict(details),
    )
    record(act, actor=caller.actor, now=now)
