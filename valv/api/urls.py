"""The API's addresses: the views of these modules, and a problem for all others."""

from django.urls import URLPattern, re_path

from valv.api import (
    about,
    contents,
    intake,
    interactions,
    lists,
    log,
    raw_events,
    retention,
    uploads,
    vcons,
)
from valv.api.endpoint import endpoints_of, nowhere, routes

MODULES = (
    about,
    contents,
    intake,
    interactions,
    lists,
    log,
    raw_events,
    retention,
    uploads,
    vcons,
)

ENDPOINTS = endpoints_of(MODULES)

urlpatterns: list[URLPattern] = [*routes(MODULES), re_path("", nowhere)]
