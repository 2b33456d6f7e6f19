"""Django's name for the room."""

from django.apps import AppConfig


class Storage(AppConfig):
    name = "valv.storage"
    label = "storage"
