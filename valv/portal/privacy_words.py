"""The words for holds, and for what people ask for who are in the archive."""

from collections.abc import Mapping

from django.utils.translation import pgettext_lazy

REQUEST_KINDS: Mapping[str, object] = {
    "access": pgettext_lazy("request", "Access"),
    "erasure": pgettext_lazy("request", "Erasure"),
    "correction": pgettext_lazy("request", "Correction"),
    "restriction": pgettext_lazy("request", "Restriction"),
    "objection": pgettext_lazy("request", "Objection"),
}
REQUEST_STATES: Mapping[str, object] = {
    "open": pgettext_lazy("request", "Open"),
    "decided": pgettext_lazy("request", "Decided"),
    "late": pgettext_lazy("request", "Late"),
    "answered": pgettext_lazy("request", "Answered"),
}
DECISIONS: Mapping[str, object] = {
    "granted": pgettext_lazy("request", "Granted"),
    "partly": pgettext_lazy("request", "Granted in part"),
    "refused": pgettext_lazy("request", "Refused"),
}
HOLD_STATES: Mapping[str, object] = {
    "placing": pgettext_lazy("hold", "Being placed"),
    "placed": pgettext_lazy("hold", "Stands"),
    "asked": pgettext_lazy("hold", "Release asked for"),
    "grace": pgettext_lazy("hold", "Grace"),
    "lifted": pgettext_lazy("hold", "Released"),
}
