"""A link as somebody sends it and somebody else opens it, by mail, SMS and browser."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from tests.peers.smtp import Mailbox
from tests.portal.visiting import Visitor
from valv.audit.models import Entry
from valv.storage import scope
from valv.tenants.models import Tenant

TO, OTHER = "mottagare-4471@example.org", "annan-4472@example.org"
NUMBER = "+46709998877"


def offer(**fields: Any) -> dict[str, Any]:
    """What the form holds."""
    known = {"contents": ["recording:1"], "address": TO, "days": "7", "plays": "2"}
    return {**known, **fields}


def share(sender: Visitor, interaction: str, **fields: Any) -> Any:
    return sender.post(f"/interactions/{interaction}/links/new", **offer(**fields))


def link_in(mailbox: Mailbox) -> str:
    """The path of the link that was mailed last."""
    texts = [mail.get_content() for mail in mailbox.mails]
    found = [m for text in texts for m in re.findall(r"http://\S+(/shared/\S+)", text)]
    return str(found[-1])


def code_in(text: str) -> str:
    (code,) = re.findall(r"\b[0-9]{6}\b", text)
    return str(code)


@dataclass
class Recipient:
    """Whoever the link was sent to, with a browser of their own."""

    link: str
    mailbox: Mailbox
    client: Client = field(default_factory=Client)

    def get(self, path: str = "") -> Any:
        return self.client.get(self.link + path)

    def post(self, path: str, **fields: Any) -> Any:
        return self.client.post(self.link + path, fields)

    def asks(self) -> str:
        """Ask for a code; answers the one that came by mail."""
        assert self.post("/code/send").status_code == 303
        return code_in(self.mailbox.mails[-1].get_content())

    def enters(self) -> "Recipient":
        answer = self.post("/code", code=self.asks(), accepted="on")
        assert answer.status_code == 303, answer.content
        return self

    def copies(self) -> list[str]:
        """The addresses of what may be opened, as the page has them."""
        page = self.get().content.decode()
        return re.findall(r'action="/shared/[^/]+(/[0-9]+/(?:play|read))"', page)

    def plays(self) -> Any:
        """Press play on the first; answers the page with the player."""
        return self.client.post(self.link + self.copies()[0], follow=True)

    def hears(self, played: Any) -> bytes:
        (source,) = re.findall(r'<audio[^>]* src="([^"]+)"', played.content.decode())
        answer = self.client.get(source)
        assert answer.status_code == 200
        body: bytes = answer.getvalue()
        return body


def done_by_externals(tenant: Tenant) -> list[tuple[str, object]]:
    """What recipients did, by the log: the act, and what of."""
    with scope.reading(tenant.id):
        entries = Entry.objects.filter(actor_type="external").order_by("id")
        return [
            (one.action, one.content or sorted(one.details.keys() - {"link"}))
            for one in entries
        ]
