"""The letters of a secure link: the link in one, the code in another, or as an SMS.

In the tenant's language. They tell whose archive it is, and nothing of what is shared.
"""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage

from valv.core.moments import zone_named
from valv.sharing import mail
from valv.tenants.models import Tenant

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "subject": "{tenant} has shared something with you",
        "link": "{tenant} has shared something with you. Open it here until {until}:",
        "code_apart": "You will need a code, which is sent to you apart when you ask "
        "for it on the page.",
        "code_subject": "Your code",
        "code": "{code} is your code for what {tenant} has shared with you. It is good "
        "for ten minutes. Give it to nobody.",
        "outro": "This message was sent by a machine, and cannot be answered.",
    },
    "sv": {
        "subject": "{tenant} har delat något med dig",
        "link": "{tenant} har delat något med dig. Öppna det här till och med {until}:",
        "code_apart": "Du behöver en kod, som skickas till dig separat när du ber om "
        "den på sidan.",
        "code_subject": "Din kod",
        "code": "{code} är din kod till det som {tenant} har delat med dig. Den gäller "
        "i tio minuter. Ge den inte till någon.",
        "outro": "Det här meddelandet skickades av en maskin och går inte att svara "
        "på.",
    },
}


def link_mail(
    tenant: Tenant, *, to: str, address: str, until: datetime, now: datetime
) -> EmailMessage:
    """The mail with the link; ``address`` is where it leads."""
    at = until.astimezone(zone_named(tenant.timezone))
    said = _said(tenant, until=f"{at:%Y-%m-%d %H:%M}")
    text = "\n\n".join([said["link"], address, said["code_apart"]])
    return _mail(said, "subject", text, to=to, now=now)


def code_mail(tenant: Tenant, *, to: str, code: str, now: datetime) -> EmailMessage:
    """The mail with the code, and without the link."""
    said = _said(tenant, code=code)
    return _mail(said, "code_subject", said["code"], to=to, now=now)


def code_sms(tenant: Tenant, *, code: str) -> str:
    return _said(tenant, code=code)["code"]


def _said(tenant: Tenant, **known: str) -> dict[str, str]:
    language = tenant.language if tenant.language in WORDS else "en"
    given = {"until": "", "code": "", "tenant": tenant.name, **known}
    said = {name: text.format(**given) for name, text in WORDS[language].items()}
    return {"language": language, **said}


def _mail(
    said: Mapping[str, str], subject: str, text: str, *, to: str, now: datetime
) -> EmailMessage:
    return mail.letter(
        to,
        subject=said[subject],
        text=f"{text}\n\n-- \n{said['outro']}\n",
        language=said["language"],
        now=now,
    )
