"""The API's addresses under ``/api/v1/``, and a problem for all others.

They are served by ``door``, ahead of what pages need.
"""

from django.urls import URLPattern, re_path

from valv.api import (
    about,
    access_log,
    change_log,
    chat_copies,
    content_kept,
    contents,
    corrections,
    deletions,
    file_names,
    holds,
    intake,
    interactions,
    jobs,
    lists,
    log,
    masking,
    processing,
    raw_events,
    reasons,
    recording,
    registration,
    requests,
    restrictions,
    retention,
    rights,
    standing,
    support,
    tokens,
    uploads,
    user_groups,
    users,
    vcons,
)
from valv.api.endpoint import endpoints_of, nowhere, routes

MODULES = (
    about,
    access_log,
    change_log,
    chat_copies,
    content_kept,
    contents,
    corrections,
    deletions,
    file_names,
    holds,
    requests,
    restrictions,
    intake,
    interactions,
    jobs,
    lists,
    log,
    masking,
    processing,
    raw_events,
    reasons,
    recording,
    registration,
    retention,
    standing,
    rights,
    support,
    tokens,
    uploads,
    user_groups,
    users,
    vcons,
)

ENDPOINTS = endpoints_of(MODULES)

urlpatterns: list[URLPattern] = [*routes(MODULES), re_path("", nowhere)]
