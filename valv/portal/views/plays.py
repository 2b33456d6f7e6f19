"""Hearing a recording: one act for each page view, however many ranges are read.

*Play* makes a handle, with its entry in the audit log; sound and waveform are read
under the handle, which is the person's own and short-lived.
"""

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse

from valv.archive import contents, sights
from valv.archive.detail import part_of
from valv.archive.models import Content as Row
from valv.core.interaction import ContentKind
from valv.core.permissions import Right
from valv.intake.waveform import waveform_from_bytes
from valv.portal.builders.contents import content_of, lanes_of
from valv.portal.contexts.interaction import Play
from valv.portal.doors import Request, signed_in
from valv.portal.views.contents import labelled, number_of, why_stated
from valv.portal.views.interaction import PLACE, content_alone
from valv.sharing.streams import NoSuchRange, sent
from valv.sharing.transfers import Way, in_turn


@signed_in(Right.PLAY, "POST")
def play(request: Request, interaction_id: str, n: int) -> HttpResponse:
    number = number_of(interaction_id, n)
    why = why_stated(request)
    handle = sights.begin_play(request.caller, number, n, now=request.now, **why)
    part = part_of(request.caller, interaction_id, ContentKind.RECORDING, n)
    begun = Play(
        audio=reverse("play-audio", args=[handle]),
        peaks=reverse("play-peaks", args=[handle]),
        lanes=lanes_of(part.row),
    )
    opened = content_of(part, request.caller, play=begun)
    return content_alone(request, interaction_id, opened)


@signed_in(Right.PLAY)
def audio(request: Request, handle: str) -> HttpResponseBase:
    opened = sights.continue_play(request.caller, handle, now=request.now)
    how = labelled(request.caller.tenant, opened, attached=False)
    try:
        response = sent(request, opened.reader, how, in_pieces=True)
    except NoSuchRange as error:
        beyond = {"Content-Range": f"bytes */{error.size}"}
        return HttpResponse(status=error.status, headers=beyond)
    return in_turn(Way.OUT, lambda: response) if response.streaming else response


@signed_in(Right.PLAY)
def peaks(request: Request, handle: str) -> HttpResponse:
    opened = sights.continue_play(request.caller, handle, now=request.now)
    return JsonResponse(_drawn(opened.row))


def _drawn(row: Row) -> dict[str, object]:
    """Lowest and highest in turn for each lane, from -128 to 127; none, no lanes."""
    reader = contents.peaks_reader(row)
    if reader is None:
        return {"seconds": row.seconds, "lanes": []}
    windows = waveform_from_bytes(b"".join(reader.read())).windows
    lanes = [windows[:, lane].ravel().tolist() for lane in range(windows.shape[1])]
    return {"seconds": row.seconds, "lanes": lanes}


routes = [
    path(f"{PLACE}/recordings/<int:n>/play", play, name="recording-play"),
    path("plays/<str:handle>", audio, name="play-audio"),
    path("plays/<str:handle>/peaks", peaks, name="play-peaks"),
]
