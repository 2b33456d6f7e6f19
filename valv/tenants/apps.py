"""Django's name for the room."""

from django.apps import AppConfig


class Tenants(AppConfig):
    name = "valv.tenants"
    label = "tenants"
