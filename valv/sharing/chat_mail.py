"""A chat log as a mail to the visitor, in the tenant's language: text, and HTML beside.

Subject and Message-ID tell nothing of anyone, and the mail says that a machine sent it.
Nothing in it is loaded from anywhere or tells that it was read.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from email.message import EmailMessage
from html import escape
from zoneinfo import ZoneInfo

from valv.archive.spoken import ShownChatLog, ShownMessage
from valv.core.interaction import Sender
from valv.core.moments import zone_named
from valv.sharing import mail
from valv.tenants.models import Tenant

Said = tuple[str, str, str]  # when, who, what
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "subject": "A copy of your chat with {tenant}",
        "intro": "Here is the copy of your chat with {tenant} that you asked for.",
        "outro": "This mail was sent by a machine, and cannot be answered.",
        "customer": "You",
        "agent": "Agent",
        "bot": "Bot",
        "system": "System",
    },
    "sv": {
        "subject": "En kopia av din chatt med {tenant}",
        "intro": "Här är kopian av din chatt med {tenant} som du bad om.",
        "outro": "Det här mejlet skickades av en maskin och går inte att svara på.",
        "customer": "Du",
        "agent": "Agent",
        "bot": "Bot",
        "system": "System",
    },
}


def chat_mail(
    log: ShownChatLog, *, tenant: Tenant, to: str, now: datetime
) -> EmailMessage:
    """The mail, to be sent at once."""
    language = tenant.language if tenant.language in WORDS else "en"
    told = {
        name: said.format(tenant=tenant.name) for name, said in WORDS[language].items()
    }
    lines = list(_lines(log.messages, told, zone_named(tenant.timezone)))
    message = mail.letter(
        to,
        subject=told["subject"],
        text=_text(lines, told),
        language=language,
        now=now,
    )
    message.add_alternative(_html(lines, told, language), subtype="html")
    message["Content-Language"] = language  # which went to the first of two parts
    return message


def _lines(
    messages: Iterable[ShownMessage], told: Mapping[str, str], zone: ZoneInfo
) -> Iterable[Said]:
    for one in messages:
        at = datetime.fromisoformat(one.at).astimezone(zone)
        name = one.name if one.sender is not Sender.CUSTOMER else None
        yield f"{at:%Y-%m-%d %H:%M}", name or told[one.sender.value], one.text


def _text(lines: Iterable[Said], told: Mapping[str, str]) -> str:
    said = [f"{at}  {who}\n{text}" for at, who, text in lines]
    return "\n\n".join([told["intro"], *said, f"-- \n{told['outro']}"]) + "\n"


def _html(lines: Iterable[Said], told: Mapping[str, str], language: str) -> str:
    said = "".join(
        f"<dt><b>{escape(who)}</b> <small>{at}</small></dt>"
        f"<dd>{escape(text).replace(chr(10), '<br>')}</dd>\n"
        for at, who, text in lines
    )
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(told['subject'])}</title></head>\n<body>"
        f"<p>{escape(told['intro'])}</p>\n<dl>\n{said}</dl>\n"
        f"<p><small>{escape(told['outro'])}</small></p></body></html>\n"
    )
