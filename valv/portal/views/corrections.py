"""Putting right whom an interaction is with: which of them, what is right, and why."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.archive import queries
from valv.core.errors import Conflict, Malformed
from valv.core.identifiers import Kind
from valv.core.ids import id_from_text
from valv.core.permissions import Right
from valv.lifecycle.corrections import VALUE, correct
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.frame import CorrectionPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.portal.views.interaction import PLACE

UNPROCESSABLE = 422


@signed_in(Right.PRIVACY, "GET", "POST")
@recently_confirmed()
def correction(request: Request, interaction_id: str) -> HttpResponse:
    if request.method != "POST":
        return _page(request, interaction_id)
    kind = typed(request.POST, "kind")
    if kind not in list(Kind):
        return _page(request, interaction_id, {"kind": _("Choose which is wrong.")})
    try:
        correct(
            request.caller,
            id_from_text(interaction_id),
            Kind(kind),
            typed(request.POST, VALUE),
            reason=typed(request.POST, "reason"),
            now=request.now,
        )
    except (Malformed, Conflict) as error:
        return _page(request, interaction_id, _faults(error))
    messages.success(request, _("It is corrected."))
    return see_other(reverse("interaction", args=[interaction_id]))


def _faults(error: Malformed | Conflict) -> dict[str, str]:
    if isinstance(error, Conflict):
        return {VALUE: _("It cannot be changed: nothing may be kept of this person.")}
    if error.field == VALUE:
        return {VALUE: _("This is none of the chosen kind.")}
    return {"reason": _("A reason is one line of at most 500 characters.")}


def _page(
    request: Request, interaction_id: str, faults: dict[str, str] | None = None
) -> HttpResponse:
    """Whom it is with now is seen here, and entered as a sight."""
    item = queries.see(request.caller, interaction_id, now=request.now)
    held = [(one.value, getattr(item.identifiers, one.value) or "") for one in Kind]
    page = CorrectionPage(
        action=request.path,
        back=reverse("interaction", args=[interaction_id]),
        known=tuple(held),
        kind=typed(request.POST, "kind"),
        value=typed(request.POST, VALUE),
        reason=typed(request.POST, "reason"),
        faults=faults or {},
    )
    status = UNPROCESSABLE if faults else 200
    return shown(request, "correction.html", page, here="search", status=status)


routes = [path(f"{PLACE}/correct", correction, name="correction")]
