"""What is kept: content of social media, and recordings as they were sent."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.permissions import Right
from valv.portal.contexts.reports import ContentKeptPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.tenants.operations import set_content_kept

HERE = "content-kept"


@signed_in(Right.SETTINGS, "GET", "POST")
def content_kept(request: Request) -> HttpResponse:
    caller = request.caller
    if request.method == "POST":
        set_content_kept(
            caller.tenant,
            social_content="social_content" in request.POST,
            keep_original_audio="keep_original_audio" in request.POST,
            actor=caller.actor,
            now=request.now,
        )
        messages.success(request, _("Saved. It holds for what comes from now on."))
        return see_other(reverse(HERE))
    page = ContentKeptPage(
        social_content=caller.tenant.social_content,
        keep_original_audio=caller.tenant.keep_original_audio,
    )
    return shown(request, "content_kept.html", page, here=HERE)


routes = [path("settings/content", content_kept, name=HERE)]
