"""Chat logs on their way in. Speakers are kept by role; names lie with identifiers."""

from datetime import datetime

import msgspec

from valv.core.interaction import ChatLog, ContentKind
from valv.core.people import Actor
from valv.intake.recordings import put_text
from valv.tenants.models import Tenant


def put_chat_log(
    tenant: Tenant,
    interaction_id: int,
    log: ChatLog,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Keep a whole chat log. Answers whether it is new; raises as ``put_text``."""
    return put_text(
        tenant,
        interaction_id,
        ContentKind.CHAT_LOG,
        1,
        msgspec.json.encode(nameless(log)),
        actor=actor,
        now=now,
    )


def nameless(log: ChatLog) -> ChatLog:
    messages = (msgspec.structs.replace(one, name=None) for one in log.messages)
    return ChatLog(tuple(messages))
