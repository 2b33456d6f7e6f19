"""Django's name for the room."""

from django.apps import AppConfig


class Portal(AppConfig):
    name = "valv.portal"
    label = "portal"
