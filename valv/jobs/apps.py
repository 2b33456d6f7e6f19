"""Django's name for the room."""

from django.apps import AppConfig


class Jobs(AppConfig):
    name = "valv.jobs"
    label = "jobs"
