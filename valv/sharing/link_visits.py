"""The visitor's side of a secure link: ask for the code, enter it, hear and read.

Whoever comes is external: each code, play and sight is entered as such, with the
address it went to, before a byte is shown. A link that is wrong, over, cancelled, used
up or unknown raises the same NotFound, and so does what became unreadable since.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from secrets import randbelow, token_urlsafe

from django.db.models import F, Q

from valv.archive import contents, identifiers, lock, spoken
from valv.archive.models import Content, Interaction, SecureLink, SharedCopy
from valv.archive.reach import narrowed
from valv.archive.sights import name_of
from valv.archive.spoken import ShownChatLog, ShownTranscript
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Busy, NotFound, Refused
from valv.core.identifiers import Kind
from valv.core.interaction import ContentKind, ContentState
from valv.core.links import (
    CODE_DIGITS,
    CODE_LIVES,
    CODE_PAUSE,
    CODE_TRIES,
    MOST_CODES,
    TERMS,
    VISIT_LIVES,
    tenant_in,
)
from valv.core.people import Actor, ActorType
from valv.core.purposes import check_use, use_from
from valv.core.reach import EVERYWHERE
from valv.sharing import mail, sms
from valv.sharing.link_mail import code_mail, code_sms
from valv.storage import keys, scope
from valv.storage.sealed import SealedReader
from valv.tenants.models import Tenant
from valv.tenants.queries import hash_of


@dataclass(frozen=True, slots=True)
class Shared:
    """What a visitor may open, and how often they still may."""

    copies: tuple[SharedCopy, ...]
    plays_left: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """A copy that may now be read."""

    copy: SharedCopy
    reader: SealedReader


def tenant_of(token: str, *, now: datetime) -> Tenant:
    """Whose link it is, while it leads somewhere. Raises NotFound."""
    tenant = _tenant(token)
    with scope.reading(tenant.id):
        _live(token, now=now)
    return tenant


def _tenant(token: str) -> Tenant:
    found = Tenant.objects.filter(id=tenant_in(token) or 0).first()
    if found is None:
        raise NotFound
    return found


def _live(token: str, *, now: datetime) -> SecureLink:
    open_ones = SecureLink.objects.filter(
        hash=hash_of(token), ended_at=None, expires_at__gt=now
    )
    link: SecureLink | None = narrowed(open_ones, EVERYWHERE).first()
    if link is None or not SharedCopy.objects.filter(link_id=link.id).exists():
        raise NotFound
    return link


def send_code(token: str, *, now: datetime) -> None:
    """Send a new code; it takes the place of the one before.

    Raises NotFound, Busy (too soon, or the server is), and MailNotSent.
    """
    tenant = _tenant(token)
    code = f"{randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    with scope.writing(tenant.id):
        link = _live(token, now=now)
        shown = identifiers.reveal(tenant.id, [link.code_to_id]).get(link.code_to_id)
        if shown is None:
            raise NotFound
        rested = Q(code_at=None) | Q(code_at__lte=now - CODE_PAUSE)
        laid = SecureLink.objects.filter(rested, id=link.id, codes__lt=MOST_CODES)
        if not laid.update(
            code=_code_hash(link, code), code_at=now, code_tries=0, codes=F("codes") + 1
        ):
            raise Busy("A code was sent a moment ago, or too many were.")
        _enter(link, Action.CODE, sent=True, to=shown.kind.value, now=now)
    if shown.kind is Kind.PHONE:
        sms.send(shown.normal, code_sms(tenant, code=code))
    else:
        mail.send(code_mail(tenant, to=shown.shown, code=code, now=now))


def _code_hash(link: SecureLink, code: str) -> bytes:
    """Under the tenant's key, for there are few codes to try."""
    return keys.digest(link.tenant_id, "link-code", str(link.id), code)


def enter_code(token: str, code: str, *, now: datetime) -> str | None:
    """Begin a visit, whose secret is answered; None for a code that is not right.

    The visitor has accepted the terms. A code opens once, within ten minutes and few
    tries; the one who comes last has the visit. Raises NotFound.
    """
    tenant = _tenant(token)
    secret = token_urlsafe(32)
    with scope.writing(tenant.id):
        link = _live(token, now=now)
        if not _is_right(link, code, now=now):
            _enter(link, Action.CODE, failed=True, now=now)
            return None
        SecureLink.objects.filter(id=link.id).update(
            code=None,
            accepted_at=now,
            visit=hash_of(secret),
            visit_until=now + VISIT_LIVES,
        )
        _enter(link, Action.CODE, entered=True, terms=TERMS, now=now)
    return secret


def _is_right(link: SecureLink, code: str, *, now: datetime) -> bool:
    """Every try counts, before it is known whether it was right."""
    alive = SecureLink.objects.filter(
        id=link.id, code_at__gt=now - CODE_LIVES, code_tries__lt=CODE_TRIES
    )
    counted = alive.exclude(code=None).update(code_tries=F("code_tries") + 1)
    wanted = SecureLink.objects.filter(id=link.id).values_list("code", flat=True).get()
    tried = _code_hash(link, "".join(code.split()))
    return bool(counted) and hmac.compare_digest(bytes(wanted or b""), tried)


def shared_with(token: str, visit: str, *, now: datetime) -> Shared | None:
    """What the visitor may open; None without a visit. Raises NotFound."""
    tenant = _tenant(token)
    with scope.reading(tenant.id):
        link = _live(token, now=now)
        if not _is_visiting(link, visit, now=now):
            return None
        copies = SharedCopy.objects.filter(link_id=link.id).order_by("kind", "n")
        left = max(0, link.most_plays - link.plays)
        return Shared(tuple(copies), left, link.expires_at)


def _is_visiting(link: SecureLink, visit: str, *, now: datetime) -> bool:
    known = bytes(link.visit or b"")
    is_known = bool(known) and hmac.compare_digest(known, hash_of(visit))
    return is_known and link.visit_until is not None and link.visit_until > now


def play(token: str, visit: str, copy_id: int, *, now: datetime) -> str:
    """Begin to hear a recording: one of the plays, one entry; answers a handle.

    Raises NotFound for what may not be opened, for whatever reason.
    """
    handle = token_urlsafe(24)
    tenant = _tenant(token)
    with scope.writing(tenant.id):
        copy = _taken(token, visit, copy_id, Action.PLAY, now=now).copy
        copy.handle, copy.handle_until = hash_of(handle), now + VISIT_LIVES
        copy.save(update_fields=["handle", "handle_until"])
    return handle


def listen(token: str, visit: str, handle: str, *, now: datetime) -> Heard:
    """Hear on, under a handle. Raises NotFound."""
    tenant = _tenant(token)
    with scope.reading(tenant.id):
        link = _live(token, now=now)
        copy = SharedCopy.objects.filter(
            link_id=link.id, handle=hash_of(handle), handle_until__gt=now
        ).first()
        if copy is None or not _is_visiting(link, visit, now=now):
            raise NotFound
        _original(link, copy)
        return _heard(copy)


def read(
    token: str, visit: str, copy_id: int, *, now: datetime
) -> ShownChatLog | ShownTranscript:
    """Read a chat log or transcript, by roles alone: one of the plays, one entry.

    Raises NotFound.
    """
    tenant = _tenant(token)
    with scope.writing(tenant.id):
        heard = _taken(token, visit, copy_id, Action.SEE, now=now)
        interaction = Interaction.objects.get(id=heard.copy.interaction_id)
    body = b"".join(heard.reader.read())
    if heard.copy.kind == ContentKind.CHAT_LOG.number:
        return spoken.chat_log_from(body, interaction, {})
    return spoken.transcript_from(body, interaction, {})


def _taken(
    token: str, visit: str, copy_id: int, action: Action, *, now: datetime
) -> Heard:
    link = _live(token, now=now)
    copy = SharedCopy.objects.filter(link_id=link.id, id=copy_id).first()
    is_sound = copy is not None and copy.kind == ContentKind.RECORDING.number
    if copy is None or is_sound is not (action is Action.PLAY):
        raise NotFound
    if not _is_visiting(link, visit, now=now):
        raise NotFound
    _original(link, copy)
    heard = _heard(copy)
    counted = SecureLink.objects.filter(id=link.id, plays__lt=F("most_plays"))
    if not counted.update(plays=F("plays") + 1):
        raise NotFound
    kind = ContentKind.numbered(copy.kind)
    _enter(link, action, name_of(kind, copy.n), now=now)
    return heard


def _original(link: SecureLink, copy: SharedCopy) -> Content:
    """What it is a copy of, which must itself be there and open for its purpose."""
    row: Content | None = Content.objects.filter(
        interaction_id=copy.interaction_id,
        id=copy.of_id,
        state=ContentState.PRESENT.number,
    ).first()
    interaction = Interaction.objects.filter(id=copy.interaction_id).first()
    if row is None or interaction is None or interaction.anonymised_at is not None:
        raise NotFound
    if interaction.restricted:
        try:
            check_use(use_from(link.purpose), lock.answers_of(interaction.id))
        except Refused:
            raise NotFound from None
    return row


def _heard(copy: SharedCopy) -> Heard:
    reader = contents.copy_reader(copy)
    if reader is None:
        raise NotFound
    return Heard(copy, reader)


def _enter(
    link: SecureLink,
    action: Action,
    content: str | None = None,
    *,
    now: datetime,
    **told: object,
) -> None:
    act = Act(
        action,
        link.interaction_id,
        content=content,
        identifier_id=link.recipient_id,
        details={"link": link.id, **told},
    )
    record(act, actor=Actor(ActorType.EXTERNAL, f"#{link.id}", link.id), now=now)
