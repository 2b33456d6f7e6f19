"""A browser that opens every page it finds, and fills in every field of every form.

It knows no page by name: links and forms are read off the pages. What a person would
type is planted, each field by its form and name; what a form carries along or lets one
choose is first sent as it is, and then planted too.
"""

import http.client
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from tests.cast import PASSWORD
from tests.journeys.serving import Server
from tests.laws.fields import Plant

FORM = "application/x-www-form-urlencoded"
TYPED = {"text", "search", "email", "password", "number", "date", "textarea", "tel"}
# The parser takes its time over pictures; in the portal's pages no value holds a ">".
TAGS = re.compile(r"</?(?:a|form|input|textarea|select|option|button)\b[^>]*>")
CSRF = "csrfmiddlewaretoken"
# Whoever presses these is let in no more, or takes another's way in.
LEAVES = re.compile(
    r"/sign-out|/tokens/[0-9]+/(rotate|revoke)|/account/(password|sign-ins)"
)
# What looks like none of these is refused here, and with it all else that was typed.
OF_A_KIND = {"phone", "email", "handle"}
SHUTS_OUT = {"second_factor", "provider_only"}
Tried = tuple[str, ...]


@dataclass(slots=True)
class Form:
    """A form as a page has it; ``typed`` names what a person types."""

    method: str
    action: str
    values: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)
    buttons: list[dict[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """The links and forms of one page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: dict[str, Form] = {}
        self._open: Form | None = None
        self._choice = ""
        self.feed("".join(TAGS.findall(html)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        match tag:
            case "a" if "href" in said:
                self.links.append(said["href"])
            case "form":
                form = Form(said.get("method", "get").upper(), said.get("action", ""))
                self.forms[said.get("id", str(len(self.forms)))] = self._open = form
            case "input" | "textarea" | "select" | "option" | "button":
                self._add(tag, said)
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _add(self, tag: str, said: dict[str, str]) -> None:
        form = self.forms.get(said.get("form", ""), self._open)
        if form is None:
            return
        name, kind = said.get("name", ""), said.get("type", tag)
        if tag == "select":
            self._choice = name
            form.values[name] = ""
        elif tag == "option":
            if "selected" in said or not form.values.get(self._choice):
                form.values[self._choice] = said.get("value", "")
        elif tag == "button" or kind == "submit":
            form.buttons.append(said)
        elif name and (kind not in {"checkbox", "radio"} or name not in form.values):
            form.values[name] = said.get("value", "")
            if kind in TYPED:
                form.typed.add(name)


@dataclass(slots=True)
class Browser:
    """Somebody at the portal, with cookies, at an address of their own."""

    server: Server
    source: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    tried: set[Tried] = field(default_factory=set)

    def ask(
        self, method: str, path: str, fields: Mapping[str, str] | None = None
    ) -> tuple[int, Any, str]:
        connection = self.server.connection(source=self.source)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Content-Type": FORM}
        connection.request(method, path, urlencode(fields or {}), headers)
        answer = connection.getresponse()
        self._keep(answer)
        body = answer.read()
        connection.close()
        html = "text/html" in answer.headers.get("Content-Type", "")
        return answer.status, answer.headers, body.decode() if html else ""

    def _keep(self, answer: http.client.HTTPResponse) -> None:
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value

    def enter(self) -> None:
        asked = self.ask("GET", "/sign-in")
        forms = Page(asked[2]).forms.values()
        form = next((one for one in forms if "username" in one.values), None)
        assert form is not None, asked
        known = {"username": "alma@acme.example", "password": PASSWORD}
        status = self.ask("POST", "/sign-in", {**form.values, **known})[0]
        assert status == 303, status

    def wander(self, plant: Plant, starts: list[str]) -> set[str]:
        """Open and fill in all that can be found; answers the pages, by their kind."""
        seen: set[str] = set()
        waiting = list(starts)
        while waiting:
            path = waiting.pop(0)
            if _kind(path) in seen or LEAVES.fullmatch(path):
                continue
            seen.add(_kind(path))
            _, headers, html = self.ask("GET", path)
            page = Page(html)
            waiting += _followed(path, page, headers)
            waiting += self._fill_in(path, page, plant)
        return seen

    def _fill_in(self, path: str, page: Page, plant: Plant) -> Iterator[str]:
        for form in page.forms.values():
            for tried, method, action, fields in _tries(path, form, plant):
                if tried in self.tried or LEAVES.fullmatch(urlsplit(action).path):
                    continue
                self.tried.add(tried)
                asked = action if method == "POST" else f"{action}?{urlencode(fields)}"
                _, headers, html = self.ask(
                    method, asked, fields if method == "POST" else None
                )
                yield from _followed(action, Page(html), headers)


def _tries(
    path: str, form: Form, plant: Plant
) -> Iterator[tuple[Tried, str, str, dict[str, str]]]:
    """As a person would send it by each button, about nobody, then with each planted.

    Each comes with what it has in common with the same form on another page.
    """
    for button in form.buttons or [{}]:
        method = button.get("formmethod", form.method).upper()
        action = urljoin(path, button.get("formaction", form.action) or path)
        name = f"form {_kind(urlsplit(action).path)}"
        pressed = (
            {button["name"]: button.get("value", "")} if button.get("name") else {}
        )
        typed = {one: plant(f"{name} {one}") for one in form.typed}
        values = {k: v for k, v in form.values.items() if k not in SHUTS_OUT}
        fields = {**values, **pressed, **typed}
        form_ = (method, name, *pressed.values(), *fields)
        yield ("", *form_), method, action, fields
        if of_a_kind := form.typed & OF_A_KIND:
            without = {**fields, **dict.fromkeys(of_a_kind, "")}
            yield ("nobody", *form_), method, action, without
        for one in fields:
            if one != CSRF and one not in typed:
                planted = {**fields, one: plant(f"{name} {one}")}
                yield (one, *form_), method, action, planted


def _kind(path: str) -> str:
    """Addresses that differ only in an id are one page."""
    return re.sub(r"/(?:[0-9]{10,}|[A-Za-z0-9_-]{20,})", "/*", urlsplit(path).path)


def _followed(path: str, page: Page, headers: Any) -> list[str]:
    led = [*page.links, headers.get("Location") or "", headers.get("HX-Redirect") or ""]
    found = [urljoin(path, link) for link in led if link]
    return [link for link in found if link.startswith("/") and "/static/" not in link]
