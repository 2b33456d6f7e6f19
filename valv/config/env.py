"""Typed readers of ``VALV_*`` variables.

A value that cannot be used stops the start with a sentence that says what to do;
nothing falls back silently.
"""

import os
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from valv.core.errors import Malformed, Misconfigured
from valv.core.mail_server import MailServer, mail_server_from
from valv.core.sms_gateway import SmsGateway, sms_gateway_from

VENDOR_OF_SCHEME = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "sqlite": "sqlite",
}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def split(name: str, url: str) -> SplitResult:
    """The parts of a URL; raises Misconfigured if its brackets or port are wrong."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - read, to know that it can be
    except ValueError:
        raise Misconfigured(f"{name} cannot be read as a URL. Correct it.") from None
    return parts


def web_address(name: str, default: str) -> str:
    """An address of http or https, without a slash at its end."""
    url = text(name, default).rstrip("/")
    parts = split(name, url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Misconfigured(
            f"{name} must be an address such as https://valv.example.com. Correct it."
        )
    return url


def path(name: str, default: str) -> Path:
    return Path(text(name, default)).expanduser().absolute()


def flag(name: str) -> bool:
    """True for 1, true, yes, on; false for nothing, 0, false, no, off."""
    value = text(name).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"", "0", "false", "no", "off"}:
        return False
    raise Misconfigured(f"{name} must be 1 or 0; it is something else. Correct it.")


def number(name: str, default: int) -> int:
    """A whole number that is not zero."""
    value = text(name, str(default))
    if not value.isdecimal() or not int(value):
        raise Misconfigured(f"{name} must be a whole number. Correct it or unset it.")
    return int(value)


def words(name: str) -> list[str]:
    return [word for word in text(name).replace(",", " ").split() if word]


def mail_server(name: str, *, mail_from: str) -> MailServer | None:
    """The mail server, and None without one. Mail needs an address to come from."""
    url = text(name)
    if not url:
        return None
    try:
        found = mail_server_from(url)
    except Malformed:
        raise Misconfigured(
            f"{name} must be such as smtps://user:password@mail.example. Correct it."
        ) from None
    if "@" not in mail_from:
        raise Misconfigured(
            "VALV_MAIL_FROM must be the address that mail comes from. Set it."
        )
    return found


def sms_gateway(name: str) -> SmsGateway | None:
    """The SMS gateway, and None without one."""
    url = text(name)
    try:
        return sms_gateway_from(url) if url else None
    except Malformed:
        raise Misconfigured(
            f"{name} must be such as https://user:password@sms.example/send; http is "
            "for this machine alone. Correct it."
        ) from None


def database(name: str, *, embedded: Path) -> dict[str, object]:
    """A Django database from a URL; without one, the SQLite file ``embedded``.

    Takes ``postgresql://user:password@host:port/name?option=…`` (a host may be a
    socket folder, percent-encoded) and ``sqlite:///absolute/path``.
    """
    url = text(name)
    if not url:
        return {"vendor": "sqlite", "NAME": str(embedded)}
    parts = split(name, url)
    vendor = VENDOR_OF_SCHEME.get(parts.scheme)
    if vendor is None:
        raise Misconfigured(
            f"{name} must begin with postgresql:// or sqlite:///. Correct it."
        )
    if vendor == "sqlite":
        return {"vendor": "sqlite", "NAME": unquote(parts.path)}
    return {
        "vendor": "postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        **_postgresql_login(parts.netloc),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def _postgresql_login(netloc: str) -> dict[str, str]:
    login, _, place = netloc.rpartition("@")
    user, _, password = login.partition(":")
    host, colon, port = place.rpartition(":")
    if not colon:
        host, port = place, ""
    return {
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": unquote(host),
        "PORT": port,
    }
