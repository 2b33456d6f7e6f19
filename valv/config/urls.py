"""All addresses: the portal's at the root, the API's under ``/api/v1``."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("valv.api.urls")),
    path("", include("valv.portal.urls")),
]
