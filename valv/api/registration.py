"""The topics that agents may register: what they are, and setting them."""

from valv.api.endpoint import Call, endpoint
from valv.core.permissions import Right
from valv.core.registration import Topics
from valv.intake.registration import set_topics, topics


@endpoint("GET", "/registration-topics", answers={200: Topics})
def show_topics(call: Call) -> Topics:
    """Show the topics that agents may pick, by category, in the order to offer them.

    Any token may read them, so that a source can offer them to its agents.
    """
    return topics(call.caller.tenant)


@endpoint(
    "PUT",
    "/registration-topics",
    right=Right.SETTINGS,
    body=Topics,
    answers={200: Topics},
)
def put_topics(call: Call) -> Topics:
    """Set the whole list; what is registered already stays as it is.

    With `refuse_undefined`, a registration that is not in the list is refused from now
    on (403, `topic_undefined`); else it is taken, and shown as not defined.
    """
    listed = call.json(Topics)
    set_topics(call.caller, listed, now=call.now)
    return listed
