"""The words for holds, and for what people ask for who are in the archive."""

from collections.abc import Mapping

from django.utils.translation import pgettext_lazy

HOLD_STATES: Mapping[str, object] = {
    "placing": pgettext_lazy("hold", "Being placed"),
    "placed": pgettext_lazy("hold", "Stands"),
    "asked": pgettext_lazy("hold", "Release asked for"),
    "grace": pgettext_lazy("hold", "Grace"),
    "lifted": pgettext_lazy("hold", "Released"),
}
