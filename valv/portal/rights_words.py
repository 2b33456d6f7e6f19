"""The words for rights, for ready-made sets of them, and where they come from."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from valv.portal.sign_in_words import USER_ROLES

RIGHTS: Mapping[str, object] = {
    "see": pgettext_lazy("right", "Search and see general information"),
    "own": pgettext_lazy("right", "See their own contacts"),
    "play": pgettext_lazy("right", "Listen and read"),
    "download": pgettext_lazy("right", "Download"),
    "restricted": pgettext_lazy("right", "Open restricted content"),
    "delete": pgettext_lazy("right", "Delete content"),
    "bulk": pgettext_lazy("right", "Act on many at once"),
    "export": pgettext_lazy("right", "Export to a file"),
    "surveys": pgettext_lazy("right", "Survey results"),
    "raw_data": pgettext_lazy("right", "Raw data"),
    "audit": pgettext_lazy("right", "The audit log"),
    "privacy": pgettext_lazy("right", "Anonymise and forget"),
    "holds": pgettext_lazy("right", "Holds"),
    "release": pgettext_lazy("right", "Release holds"),
    "retention": pgettext_lazy("right", "Storage times"),
    "recording_policy": pgettext_lazy("right", "Recording rules"),
    "users": pgettext_lazy("right", "Users and their rights"),
    "tokens": pgettext_lazy("right", "API tokens"),
    "support": pgettext_lazy("right", "Let support in"),
    "links": pgettext_lazy("right", "Send secure links"),
    "settings": pgettext_lazy("right", "The tenant's settings"),
    "intake": pgettext_lazy("right", "Send data in"),
}
GIVEN_ROLES: Mapping[str, object] = {
    **USER_ROLES,
    "agent": _("Agent"),
    "owner": _("First administrator"),
}
WAYS: Mapping[str, object] = {
    "inherit": pgettext_lazy("right", "Inherited"),
    "grant": pgettext_lazy("right", "Granted"),
    "deny": pgettext_lazy("right", "Denied"),
}
LEVELS: Mapping[str, object] = {
    "tenant": pgettext_lazy("right", "from what all inherit"),
    "group": pgettext_lazy("right", "from the group"),
    "user": pgettext_lazy("right", "from the user"),
}
