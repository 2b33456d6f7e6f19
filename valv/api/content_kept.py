"""Which content a tenant keeps: that of social media, and recordings as they came."""

from msgspec import Struct

from valv.api.endpoint import Call, endpoint
from valv.core.permissions import Right
from valv.tenants.operations import set_content_kept


class ContentKept(Struct, frozen=True):
    """What is kept of what comes from now on; both are off as one begins."""

    social_content: bool
    keep_original_audio: bool


class ContentStated(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be changed; what is not named stays as it is."""

    social_content: bool | None = None
    keep_original_audio: bool | None = None


def _in_force(call: Call) -> ContentKept:
    tenant = call.caller.tenant
    return ContentKept(tenant.social_content, tenant.keep_original_audio)


@endpoint("GET", "/settings/content", right=Right.SETTINGS, answers={200: ContentKept})
def show_content_kept(call: Call) -> ContentKept:
    """Show whether content of social media is kept, and recordings as they came."""
    return _in_force(call)


@endpoint(
    "PUT",
    "/settings/content",
    right=Right.SETTINGS,
    body=ContentStated,
    answers={200: ContentKept},
)
def put_content_kept(call: Call) -> ContentKept:
    """Change what is kept of what comes from now on; it is entered in the log.

    E-mails and e-tasks have no switch: of them nothing that was written is ever kept.
    """
    stated, caller = call.json(ContentStated), call.caller
    set_content_kept(
        caller.tenant,
        social_content=stated.social_content,
        keep_original_audio=stated.keep_original_audio,
        actor=caller.actor,
        now=call.now,
    )
    return _in_force(call)
