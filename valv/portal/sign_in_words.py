"""The words of signing in, and of what may be wrong with what is typed there."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

HOW: Mapping[str, object] = {
    "password": _("Password"),
    "code": _("Password and code"),
    "recovery": _("Password and recovery code"),
    "passkey": _("Passkey"),
    "provider": _("Provider"),
}

NETWORKS: Mapping[str, object] = {
    "shortened": _("Shortened: the network, not the machine"),
    "whole": _("Whole"),
    "nothing": _("Not kept"),
}

USER_ROLES: Mapping[str, object] = {
    "general_only": _("General information only"),
    "archive_user": _("Archive user"),
    "privacy_officer": _("Privacy officer"),
    "administrator": _("Administrator"),
}
SIGN_IN_FAULTS: Mapping[str, object] = {
    "idle_minutes": _("It is a number from 5 to 720."),
    "longest_hours": _("It is a number from 1 to 168."),
    "log_days": _("It is a number from 1 to 730."),
    "provider_only": _("There is no provider to sign in with."),
    "break_glass": _("Name an active administrator."),
    "issuer": _("It is an https address."),
    "client_id": _("The provider tells it."),
    "groups": _("Choose what each group gives; there are at most 100."),
    "network": _("Choose one."),
}

TOO_LONG = _("It is too long, or cannot be shown.")

# What may be wrong with a password, beside what Django says itself.
BREACHED = (
    _("This password is known from a breach."),
    _("It must not be known from a breach."),
)
