"""The portal's addresses: those of its view modules, one line each."""

from itertools import chain

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from valv.portal.views import preferences, sign_in

MODULES = (
    sign_in,
    preferences,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="search"), name="home"),
    *chain.from_iterable(module.routes for module in MODULES),
]
