"""Words of the record of processing activities (GDPR Art. 30)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

SERVES: Mapping[str, object] = {
    "contacts": _("To find and answer for contacts with the contact centre"),
    "recordings": _("To hear again what was said, for quality, training and disputes"),
    "chat_logs": _("To read again what was written in chats"),
    "surveys": _("To know what customers thought of their contact"),
    "social": _("To keep what was written in social media"),
    "log": _("To account for who did what with personal data"),
}
PEOPLE: Mapping[str, object] = {
    "customers": _("Those who contact the contact centre, or whom it contacts"),
    "others": _("Others who take part in a contact"),
    "agents": _("Agents of the contact centre"),
    "users": _("Users of the archive"),
}
RECIPIENTS: Mapping[str, object] = {
    "users": _("Users who may sign in"),
    "tokens": _("API tokens of other systems"),
    "support": _("Support with access now"),
    "links": _("Open secure links"),
}
SAFEGUARDS: Mapping[str, object] = {
    "sealed": _("What was said and who it was is sealed, each under a key of its own"),
    "keys_apart": _("Keys lie apart from the data, in no copy of it"),
    "log": _("Each sight and change is entered in a log that shows tampering"),
    "nightly": _("What is past its storage time is removed each night"),
    "masking": _("Cards, accounts and personal numbers are masked before storing"),
    "second_factor": _("A second factor is needed to sign in"),
    "reasons": _("A reason must be given for sensitive acts"),
    "two_persons": _("Two persons release a hold"),
    "storage_two_persons": _("Two persons change storage times"),
    "token_life": _("API tokens have a longest life"),
    "former_users": _("Users who left get a pseudonym"),
    "holds": _("Something is under a hold now"),
}
