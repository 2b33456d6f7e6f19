"""The record of processing activities (GDPR Art. 30), to be read or printed."""

from django.http import HttpResponse
from django.urls import path

from valv.core.permissions import Right
from valv.lifecycle.processing import processing_record
from valv.portal.doors import Request, signed_in
from valv.portal.frame import shown

HERE = "processing-record"


@signed_in(Right.RETENTION)
def processing(request: Request) -> HttpResponse:
    page = processing_record(request.caller, now=request.now)
    return shown(request, "processing.html", page, here=HERE)


routes = [path("processing-record", processing, name=HERE)]
