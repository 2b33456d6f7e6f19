"""Django's name for the room."""

from django.apps import AppConfig


class Audit(AppConfig):
    name = "valv.audit"
    label = "audit"
