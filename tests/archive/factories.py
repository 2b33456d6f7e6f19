"""Interactions laid straight into the tables, as intake would leave them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import randbits
from typing import TYPE_CHECKING

from valv.core.identifiers import Kind, read_identifier
from valv.core.ids import mint, moment_of
from valv.core.interaction import ContentKind, ContentState, Direction, Media

if TYPE_CHECKING:
    from valv.archive.models import Interaction
    from valv.tenants.models import Tenant

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """What an interaction is made of; all that is not stated is nothing."""

    started_at: datetime
    first_told_at: datetime | None = None
    session_id: str = ""
    media: Media = Media.PHONE
    direction: Direction = Direction.INBOUND
    identifiers: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Mapping[str, str], ...] = ()
    queue: str | None = None
    agents: tuple[str, ...] = ()
    outcome: str | None = None
    subject: str | None = None
    score: float | None = None
    comment: str | None = None
    contents: tuple[ContentKind, ...] = ()
    registration: tuple[tuple[str, str], ...] = ()
    withheld: bool = False


def make(tenant: "Tenant", made: Made, *, now: datetime) -> int:
    """Lay one interaction with all that hangs on it; answers its id."""
    from valv.archive import sessions
    from valv.storage import keys, months, scope
    from valv.storage.keys import KeyKind

    number = mint(made.first_told_at or made.started_at, noise=randbits(21))
    months.ensure([moment_of(number).date().replace(day=1)])
    session_id = sessions.stored_session_id(tenant, made.session_id or f"s-{number}")
    text = made.subject is not None or made.comment is not None
    key = keys.create(tenant.id, KeyKind.TEXT, [number])[number] if text else b""
    with scope.writing(tenant.id):
        row = _row(tenant, made, number, session_id=session_id, key=key, now=now)
        row.save(force_insert=True)
        _lay_children(tenant, made, row, key=key, now=now)
    return number


def _row(
    tenant: "Tenant",
    made: Made,
    number: int,
    *,
    session_id: str,
    key: bytes,
    now: datetime,
) -> "Interaction":
    from valv.archive import vocabulary
    from valv.archive.models import Interaction

    people = resolved(tenant, made.identifiers, owner=number, now=now)
    agents = vocabulary.agent_ids({name.lower(): name for name in made.agents})
    return Interaction(
        id=number,
        session_id=session_id,
        media=made.media.number,
        direction=made.direction.number,
        started_at=made.started_at,
        ended_at=made.started_at + timedelta(minutes=5),
        aged_from=made.started_at,
        queue_id=vocabulary.queue_ids([made.queue])[made.queue] if made.queue else None,
        agent_ids=[agents[name.lower()] for name in made.agents],
        outcome=made.outcome,
        withheld=made.withheld,
        has_others=bool(made.others),
        text=_sealed_text(tenant, made, number, key),
        flags=_flags(made),
        score=made.score,
        updated_at=now,
        **{f"{kind.value}_id": id_ for kind, id_ in people.items()},
    )


def resolved(
    tenant: "Tenant", typed: Mapping[str, str], *, owner: int, now: datetime
) -> dict[Kind, int]:
    """Ids of what someone was typed to be; a name belongs to the first of the rest."""
    from valv.archive.identifiers import Wanted, resolve

    read = {
        Kind(kind): read_identifier(text, kind=Kind(kind), region=tenant.region)
        for kind, text in typed.items()
    }
    found: dict[Kind, int] = {}
    for kind in (Kind.PHONE, Kind.EMAIL, Kind.HANDLE, Kind.NAME):
        if kind in read:
            one = read[kind]
            owner_id = next(iter(found.values()), owner) if kind is Kind.NAME else 0
            wanted = Wanted(kind, one.normal, one.shown, one.form.value, owner_id)
            found[kind] = resolve(tenant, [wanted], now=now)[wanted]
    return found


def _sealed_text(tenant: "Tenant", made: Made, number: int, key: bytes) -> bytes | None:
    from valv.archive.text import GENERAL, Text, seal_json

    if made.subject is None:
        return None
    return seal_json(
        Text(subject=made.subject),
        tenant_id=tenant.id,
        interaction_id=number,
        key=key,
        role=GENERAL,
    )


def _flags(made: Made) -> int:
    from valv.archive.flags import FLAG_OF_KIND, Flag

    flags = Flag(0)
    for kind in made.contents:
        flags |= FLAG_OF_KIND[kind]
    flags |= Flag.SURVEY if made.score is not None or made.comment else Flag(0)
    flags |= Flag.REGISTRATION if made.registration else Flag(0)
    return int(flags)


def _lay_children(
    tenant: "Tenant", made: Made, row: "Interaction", *, key: bytes, now: datetime
) -> None:
    from valv.archive.models import OtherParty, Participation, Session, Stray

    Session.objects.create(session_id=row.session_id, interaction_id=row.id)
    about = {"interaction_id": row.id, "started_at": row.started_at}
    for agent_id in row.agent_ids:
        Participation.objects.create(agent_id=agent_id, **about)
    others = (resolved(tenant, p, owner=row.id, now=now) for p in made.others)
    for identifier_id in {id_ for party in others for id_ in party.values()}:
        OtherParty.objects.create(identifier_id=identifier_id, **about)
    if abs(row.started_at - moment_of(row.id)) > A_DAY:
        Stray.objects.create(**about)
    _lay_said(tenant, made, row, key=key)


def _lay_said(tenant: "Tenant", made: Made, row: "Interaction", *, key: bytes) -> None:
    from valv.archive.models import Content, Registration, Survey
    from valv.archive.topics import topic_ids

    for n, kind in enumerate(made.contents, start=1):
        Content.objects.create(
            interaction_id=row.id,
            kind=kind.number,
            n=n,
            state=ContentState.PRESENT.number,
            aged_from=row.started_at,
        )
    topics = topic_ids(made.registration)
    for n, picked in enumerate(made.registration, start=1):
        Registration.objects.create(
            interaction_id=row.id,
            n=n,
            topic_id=topics[picked],
            started_at=row.started_at,
        )
    if made.score is not None or made.comment:
        Survey.objects.create(
            interaction_id=row.id,
            score=made.score,
            comment=_sealed(tenant, row.id, made.comment, key)
            if made.comment
            else None,
            at=row.started_at,
            aged_from=row.started_at,
        )


def make_all(tenant: "Tenant", many: Iterable[Made], *, now: datetime) -> list[int]:
    return [make(tenant, made, now=now) for made in many]


def _sealed(tenant: "Tenant", number: int, comment: str, key: bytes) -> bytes:
    from valv.archive.text import COMMENT, seal_json

    return seal_json(
        comment, tenant_id=tenant.id, interaction_id=number, key=key, role=COMMENT
    )
