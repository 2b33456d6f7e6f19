"""The addresses of pages. Those of the API are served by ``api.door``, before these."""

from django.urls import include, path

urlpatterns = [path("", include("valv.portal.urls"))]
