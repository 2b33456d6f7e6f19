"""Django's name for the room."""

from django.apps import AppConfig


class Lifecycle(AppConfig):
    name = "valv.lifecycle"
    label = "lifecycle"
