"""The portal's addresses: those of its view modules, one line each."""

from itertools import chain

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from valv.portal.views import (
    access_log,
    account,
    acts,
    anonymise,
    audit_log,
    change_log,
    chat_copies,
    completeness,
    content_kept,
    contents,
    deletions,
    interaction,
    links,
    masking,
    plays,
    preferences,
    raw_data,
    reasons,
    recording_rules,
    search,
    shared,
    sign_in,
    sign_in_passkey,
    sign_in_provider,
    sign_in_settings,
    staff,
    storage_times,
    surveys,
    tokens,
    tonight,
    topics,
)

MODULES = (
    sign_in,
    sign_in_passkey,
    sign_in_provider,
    account,
    sign_in_settings,
    access_log,
    preferences,
    search,
    acts,
    interaction,
    plays,
    chat_copies,
    links,
    shared,
    content_kept,
    contents,
    deletions,
    anonymise,
    audit_log,
    change_log,
    staff,
    recording_rules,
    storage_times,
    surveys,
    raw_data,
    completeness,
    tonight,
    topics,
    masking,
    tokens,
    reasons,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="search"), name="home"),
    *chain.from_iterable(module.routes for module in MODULES),
]
