"""Django's name for the room."""

from django.apps import AppConfig


class Archive(AppConfig):
    name = "valv.archive"
    label = "archive"
