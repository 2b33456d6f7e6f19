"""What sources tell, over HTTP: general information, surveys and raw events.

Whatever is sent twice, or in another order, gives the same archive. The answer comes
when it is durable.
"""

from valv.api import bodies
from valv.api.endpoint import JSON, Answer, Call, endpoint
from valv.archive.items import Item, SurveyItem, item_of
from valv.archive.models import Interaction
from valv.core.errors import NotFound
from valv.core.interaction import (
    General,
    SurveyAnswer,
    checked_session_id,
    decoded,
)
from valv.core.permissions import Right
from valv.intake.door import read_general, read_object
from valv.intake.events import Taken, take_events
from valv.intake.operations import put_interaction, put_survey
from valv.storage import scope

NDJSON = "application/x-ndjson"
MIB = 1024 * 1024
LARGEST_EVENTS = 32 * MIB
LARGEST = 4 * MIB


@endpoint(
    "PUT",
    "/interactions/{session_id}",
    right=Right.INTAKE,
    body=General,
    answers={200: Item, 201: Item},
)
def put_general(call: Call, session_id: str) -> Answer:
    """Say what is known of an interaction; absent stays, null clears.

    `started_at` is needed the first time. What is stated here wins over what events
    tell. 403 with `email_body` for the body of an e-mail or e-task, and with
    `topic_undefined` for a registration that the tenant does not take.
    """
    tenant, actor = call.caller.tenant, call.caller.actor
    session = checked_session_id(session_id)
    payload = read_object(bodies.whole(call.request, limit=LARGEST))
    general, unstated = read_general(
        tenant, session, payload, actor=actor, now=call.now
    )
    interaction_id, is_new = put_interaction(
        tenant, session, general, actor=actor, now=call.now, unstated=unstated
    )
    return Answer(item_of_id(call, interaction_id), 201 if is_new else 200)


@endpoint(
    "PUT",
    "/interactions/{session_id}/survey",
    right=Right.INTAKE,
    body=SurveyAnswer,
    answers={200: SurveyItem, 201: SurveyItem},
)
def put_a_survey(call: Call, session_id: str) -> Answer:
    """Say what the person thought of it. It may come before its interaction."""
    session = checked_session_id(session_id)
    payload = read_object(bodies.whole(call.request, limit=LARGEST))
    caller = call.caller
    interaction_id, is_new = put_survey(
        caller.tenant,
        session,
        decoded(payload, SurveyAnswer),
        actor=caller.actor,
        now=call.now,
    )
    survey = item_of_id(call, interaction_id).survey
    return Answer(survey, 201 if is_new else 200)


@endpoint(
    "POST",
    "/events",
    right=Right.INTAKE,
    body=(NDJSON, JSON),
    answers={200: Taken},
)
def post_events(call: Call) -> Taken:
    """Send raw events as NDJSON or a JSON array, of at most 32 MiB.

    Each is taken once, by `event_id`. 200 with what was refused, line by line, even if
    all was; 400 only if no line can be read.
    """
    body = bodies.whole(call.request, limit=LARGEST_EVENTS)
    return take_events(call.caller.tenant, body, actor=call.caller.actor, now=call.now)


def item_of_id(call: Call, interaction_id: int) -> Item:
    """The item of what a source just sent something of. Raises NotFound."""
    tenant = call.caller.tenant
    with scope.reading(tenant.id):
        interaction = Interaction.objects.filter(id=interaction_id).first()
        if interaction is None:
            raise NotFound
        return item_of(tenant, interaction)
