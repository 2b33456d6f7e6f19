"""What pages of jobs answer beside themselves: how far one is, and its files."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from valv.lifecycle.files import fetch
from valv.lifecycle.models import Job
from valv.lifecycle.showing import watched
from valv.portal.builders.progress import progress_of
from valv.portal.doors import Request
from valv.sharing.archive_zip import MEDIA_TYPE
from valv.sharing.streams import Sent, sent


def state_answer(request: Request, job: Job, page: str) -> HttpResponse:
    """How far a job is, for a page that waits; nobody's data.

    ``page`` names where this is asked. Once it is over, the page has more to say than
    its part that waited, and is asked for anew.
    """
    progress = progress_of(watched(request.caller, job, now=request.now), page)
    answer = render(request, "anonymise_state.html", {"progress": progress})
    if not progress.is_going:
        answer["HX-Refresh"] = "true"
    return answer


def file_answer(request: Request, job: Job, n: int) -> HttpResponseBase:
    """A file of a job, whole or one range of it; each fetch is entered."""
    got = fetch(request.caller, job, n, now=request.now)
    how = Sent(MEDIA_TYPE, got.name, f"{got.file.id:x}", attached=True)
    return sent(request, got.reader, how)
