"""An archive with everything in it, sent in over HTTP, and what it holds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps

from tests.cast import OPERATOR
from tests.held import lay_transcript
from tests.intake.asking import Source
from tests.intake.sounds import tone, wav
from valv.archive.models import (
    ChatCopy,
    Hold,
    HoldItem,
    Interaction,
    KeptScore,
    PlayHandle,
    PreparedFile,
    PreparedPart,
    SecureLink,
    SharedCopy,
    StandingEntry,
    StoredSearch,
    Stray,
)
from valv.audit.verify import settle
from valv.core.identifiers import Kind
from valv.core.masking import MaskingRules
from valv.core.moments import format_moment
from valv.core.recording_policy import Policy
from valv.core.sign_in_rules import SignInRules
from valv.intake.models import (
    CompletenessSetting,
    DayCount,
    Delivery,
    Missing,
    RegistrationSetting,
)
from valv.lifecycle import plans
from valv.lifecycle.models import Job, JobItem, NightlyRun, PrivacyRequest, Receipt
from valv.storage import blobstore, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent, SealingKey
from valv.tenants.models import (
    AccessEntry,
    Authenticator,
    Passkey,
    ProviderIdentity,
    RecoveryCode,
    SignIn,
    StorageChange,
    SupportGrant,
    SupportPerson,
    Tenant,
)
from valv.tenants.operations import set_masking, set_recording_policy
from valv.tenants.signin_settings import set_sign_in
from valv.tenants.storage_terms import book

SOUND = wav(tone(440, seconds=1))
PHONE, NAME, EMAIL = "+46701234567", "Kanarie Fågel", "kanarie@example.com"
SECRET = "kvitter"
OF_OBJECTS = (KeyKind.CONTENT, KeyKind.IDENTIFIER, KeyKind.TEXT)


@dataclass(frozen=True)
class Laid:
    """Ids of a call with everything, a chat with a log, and a chat under way."""

    call: str
    chat: str
    telling: str
    at: datetime


def ago(days: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(days=days)


def lay(source: Source, name: str, *, days: float = 1) -> Laid:
    """A call, a chat and a chat that has not ended, all of one age."""
    at = ago(days)
    call, chat, telling = f"{name}-call", f"{name}-chat", f"{name}-telling"
    _call(source, call, at)
    _chat(source, chat, at)
    source.tell(
        told(telling, at, 0, "session.started", media="chat"),
        told(telling, at, 1, "chat.message", **{"from": "customer", "text": SECRET}),
    )
    laid = Laid(source.id_of(call), source.id_of(chat), source.id_of(telling), at)
    lay_transcript(source.tenant, int(laid.call))
    return laid


def told(session: str, at: datetime, number: int, type_: str, **data: object) -> Any:
    return {
        "event_id": f"{session}-{number}",
        "session_id": session,
        "type": type_,
        "at": format_moment(at + timedelta(seconds=number)),
        "data": data,
    }


def _call(source: Source, session: str, at: datetime) -> None:
    start = format_moment(at)
    party = {"phone": PHONE, "name": NAME}
    source.tell(
        told(session, at, 0, "session.started", media="phone", identifiers=party),
        told(
            session, at, 4, "consent.given", purpose="quality", how="1", question=SECRET
        ),
        told(session, at, 1, "queue.entered", queue="Support"),
        told(session, at, 2, "agent.connected", agent="a7", name="Bertil"),
        told(session, at, 3, "registration.added", category="Bird", topic="Song"),
        told(session, at, 9, "session.ended", outcome="answered"),
    )
    source.put(session, started_at=start, subject=SECRET, others=[{"email": EMAIL}])
    source.put_survey(session, score=4, comment=SECRET, at=start)
    path = f"/interactions/{session}/recordings/1?started_at={start}"
    assert source.ask("PUT", path, SOUND).status_code == 201


def _chat(source: Source, session: str, at: datetime) -> None:
    start = format_moment(at)
    party = {"email": EMAIL, "name": NAME}
    source.put(
        session, started_at=start, ended_at=start, media="chat", identifiers=party
    )
    said = [{"at": start, "from": "customer", "text": SECRET}]
    assert source.put_chat_log(session, said).status_code == 201


def lay_the_rest(tenant: Tenant, laid: Laid) -> None:
    """Rows of tables that only a portal, a crash or a night writes."""
    call, now = int(laid.call), ago(0)
    with scope.writing(tenant.id):
        ChatCopy.objects.create(
            interaction_id=call,
            n=1,
            identifier_id=_email_of(int(laid.chat)),
            asked_at=now,
        )
        _lay_support(now)
        _lay_link(call, _email_of(int(laid.chat)), now)
        Stray.objects.create(interaction_id=call, started_at=laid.at)
        PlayHandle.objects.create(
            id=f"h{call}", user_id=1, interaction_id=call, content_id=1, created_at=now
        )
        StoredSearch.objects.create(
            id=f"s{call}", user_id=1, sealed=b"-", created_at=now
        )
        PreparedFile.objects.create(
            id=call, job_id=1, n=1, created_at=now, expires_at=now
        )
        PreparedPart.objects.create(file_id=call, interaction_id=call)
        Intent.objects.create(key_kind=3, object_ids=[1], created_at=now)
        Missing.objects.create(interaction_id=call, kind=0, n=1, started_at=laid.at)
        DayCount.objects.create(date=now.date())
        CompletenessSetting.objects.create(patience={}, since=now, set_by="-")
        Delivery.objects.create(body={}, created_at=now)
        RegistrationSetting.objects.create(topics={}, since=now, set_by="-")
        _lay_sign_ins(now)
        NightlyRun.objects.create(date=now.date(), state="done", started_at=now)
        Hold.objects.create(name=f"H{call}", rule={"queue": ["-"]}, placed_at=now)
        HoldItem.objects.create(hold_id=1, interaction_id=call)
        terms = book()
        terms.number(terms.newest, frozenset({"-"}))
        StorageChange.objects.create(
            policy={}, asked_at=now, ended_at=now, outcome="withdrawn"
        )
        KeptScore.objects.create(
            day=now.date(), queue_id=1, scale_from=0, scale_to=10, score=7, count=1
        )
        _lay_job(tenant, call, now)
        StandingEntry.objects.create(
            hash=b"-", until=now, job_id=1, created_at=now, created_by="-"
        )
        PrivacyRequest.objects.create(
            id=call,
            kind="access",
            received_on=now.date(),
            due_on=now.date(),
            registered_at=now,
        )
    set_sign_in(tenant, SignInRules(second_factor=True), actor=OPERATOR, now=now)
    set_masking(tenant, MaskingRules(menus=("Code",)), actor=OPERATOR, now=now)
    policy = Policy(groups={"Sales": ("a7",)}, refuse_unruled=True)
    set_recording_policy(tenant, policy, actor=OPERATOR, now=now)
    settle(tenant.id)


def _lay_job(tenant: Tenant, call: int, now: datetime) -> None:
    """A planned job about somebody, and a receipt of another."""
    known = [plans.Known(Kind.PHONE, PHONE, PHONE)]
    job_id = plans.new_id(now)
    Job.objects.create(
        id=job_id,
        kind="forget",
        state="planned",
        sealed=plans.sealed(tenant.id, job_id, plans.Who(known)),
        actor_type="operator",
        actor="root",
        created_at=now,
    )
    JobItem.objects.create(job_id=job_id, interaction_id=call)
    Receipt.objects.create(job_id=1, seq=1, issued_at=now, note="-")


def _lay_support(now: datetime) -> None:
    SupportPerson.objects.create(user_id=-scope.current(), team="-")
    SupportGrant.objects.create(
        name="-",
        team="-",
        created_at=now,
        created_by="-",
        expires_at=now,
        reason="-",
    )


def _lay_link(call: int, to: int, now: datetime) -> None:
    """A link that is open, with a copy of what is not there: of the row alone."""
    link = SecureLink.objects.create(
        interaction_id=call,
        hash=b"-",
        recipient_id=to,
        code_to_id=to,
        most_plays=1,
        created_at=now,
        expires_at=now + timedelta(days=1),
        sent_at=now,
    )
    SharedCopy.objects.create(
        id=call + 1,
        link_id=link.id,
        interaction_id=call,
        of_id=1,
        kind=0,
        n=1,
        blob=f"{scope.current()}/20260101/{call + 1:x}.recording",
        stored_bytes=1,
    )


def _lay_sign_ins(now: datetime) -> None:
    common = {"user_id": 1, "browser": "ours", "network": "-"}
    SignIn.objects.create(
        id="ours", how="code", began_at=now, seen_at=now, ends_at=now,
        idle_seconds=1, confirmed_at=now, **common,
    )  # fmt: skip
    AccessEntry.objects.create(at=now, how="code", went_well=True, **common)
    Authenticator.objects.create(user_id=1, seed=b"-", made_at=now)
    RecoveryCode.objects.create(user_id=1, hash=b"-")
    ProviderIdentity.objects.create(user_id=1, hash=b"-", made_at=now)
    Passkey.objects.create(
        user_id=1, credential_id=b"-", credential=b"-", name="ours", made_at=now
    )


def _email_of(interaction_id: int) -> int:
    return Interaction.objects.get(id=interaction_id).email_id or 0


def owned() -> list[Any]:
    """Every model whose rows belong to a tenant, by the registry."""
    models = [m for m in apps.get_models() if _has(m, "tenant_id")]
    return [model for model in models if model is not SealingKey]


def hanging() -> list[Any]:
    """Every model whose rows hang on an interaction."""
    return [model for model in owned() if _has(model, "interaction_id")]


def _has(model: Any, column: str) -> bool:
    return any(field.attname == column for field in model._meta.fields)


def rows(tenant: Tenant, *, but: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """All rows of a tenant, by table."""
    with scope.reading(tenant.id):
        return {
            model._meta.db_table: sorted(map(repr, model.objects.values()))
            for model in owned()
            if model._meta.db_table not in but
        }


def living(tenant: Tenant) -> set[tuple[int, int]]:
    """Keys of objects, by kind and id."""
    found = SealingKey.objects.using("keys").filter(
        tenant_id=tenant.id, kind__in=OF_OBJECTS
    )
    return set(found.values_list("kind", "object_id"))


def blobs(tenant: Tenant) -> set[str]:
    return {blob.key for blob in blobstore.store().list(str(tenant.id))}


def interactions(tenant: Tenant) -> set[int]:
    with scope.reading(tenant.id):
        return set(Interaction.objects.values_list("id", flat=True))
