"""Django's name for the room."""

from django.apps import AppConfig


class Intake(AppConfig):
    name = "valv.intake"
    label = "intake"
