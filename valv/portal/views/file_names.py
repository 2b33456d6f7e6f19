"""How files are named that are taken out together."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import Malformed
from valv.core.permissions import Right
from valv.portal.contexts.reports import FileNamesPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.portal.words import FILE_NAME_FIELDS
from valv.tenants.file_names import file_names_of, set_file_names

HERE = "file-names"
UNPROCESSABLE = 422


@signed_in(Right.SETTINGS, "GET", "POST")
def file_names(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    caller, pattern = request.caller, typed(request.POST, "pattern")
    try:
        set_file_names(caller.tenant, pattern, actor=caller.actor, now=request.now)
    except Malformed:
        return _page(request, pattern, fault=True)
    messages.success(request, _("Saved. It holds for what is prepared from now on."))
    return see_other(reverse(HERE))


def _page(request: Request, wrong: str = "", *, fault: bool = False) -> HttpResponse:
    """What is in force, or what was typed and cannot be taken."""
    held = file_names_of(request.caller.tenant)
    page = FileNamesPage(
        pattern=wrong if fault else held.pattern,
        example=held.example,
        fields=tuple((f"{{{name}}}", str(told)) for name, told in FILE_NAME_FIELDS),
        fault=_(
            "It has {n}, and {session} or {id}; other braces only from the list, and"
            " between them letters a-z, digits, spaces and . _ + - only. At most 120"
            " characters, and no phone number."
        )
        if fault
        else "",
    )
    status = UNPROCESSABLE if fault else 200
    return shown(request, "file_names.html", page, here=HERE, status=status)


routes = [path("settings/file-names", file_names, name=HERE)]
