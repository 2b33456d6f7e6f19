"""The template environment: addresses, words, and how values are written.

Numbers, times and sizes follow the active language, times the activated zone. Unknown
names in a template are faults, never silence.
"""

from datetime import date, datetime
from functools import cache, partial
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from valv.portal import words
from valv.portal.drawn import drawn_choices, drawn_icon, drawn_rows

NARROW = "\N{NO-BREAK SPACE}"
KILO = 1000
MINUTE = 60


def environment(**options: Any) -> Environment:
    """Build Jinja2's environment, as Django's backend asks for it."""
    options.update(undefined=StrictUndefined, extensions=["jinja2.ext.i18n"])
    options.update(trim_blocks=True, lstrip_blocks=True)
    del options["autoescape"]  # on, whatever the settings say
    made = Environment(autoescape=True, **options)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    made.globals.update(
        _=_said,
        gettext=_said,
        static=cache(static),
        url=_url,
        language=_language,
        words=words,
        drawn_icon=drawn_icon,
        drawn_rows=drawn_rows,
        drawn_choices=drawn_choices,
    )
    made.filters.update(
        moment=moment,
        clock=clock,
        instant=instant,
        day=day,
        duration=duration,
        size=size,
        number=number,
        decimal=decimal,
    )
    return made


def one_token(request: HttpRequest) -> dict[str, object]:
    """The token of a page's forms, masked once; Django's own is masked for each."""
    return {
        "csrf_input": SimpleLazyObject(partial(csrf_input, request)),
        "csrf_token": SimpleLazyObject(partial(get_token, request)),
    }


def _said(message: str, **values: object) -> Markup:
    """As Jinja2's own, which looks every word up again for every page."""
    words_said = _in_language(translation.get_language(), message)
    return words_said % values if values else words_said


@cache
def _in_language(_language: str | None, message: str) -> Markup:
    # Translations are ours, as the templates are.
    return Markup(translation.gettext(message))  # noqa: S704


def _url(name: str, *args: object, **kwargs: object) -> str:
    if not (args or kwargs):
        return _fixed_url(name)
    return reverse(name, args=args or None, kwargs=kwargs or None)


@cache
def _fixed_url(name: str) -> str:
    return reverse(name)


def _language() -> str:
    return (translation.get_language() or "en")[:2]


def moment(at: datetime) -> str:
    """Local date and time to the minute."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def clock(at: datetime) -> str:
    """Local time to the second."""
    return timezone.localtime(at).strftime("%H:%M:%S")


def instant(at: datetime) -> str:
    """Local time to the millisecond."""
    return timezone.localtime(at).strftime("%H:%M:%S.%f")[:-3]


def day(at: date | datetime) -> str:
    """The local date of a time, or a date itself."""
    if isinstance(at, datetime):
        at = timezone.localtime(at)
    return at.strftime("%Y-%m-%d")


def duration(seconds: float | None) -> str:
    """Minutes and seconds, with hours where there are any: 4:07, 1:02:11."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def number(value: int) -> str:
    """A whole number, grouped by the language: 10,000 or 10 000."""
    separator = NARROW if _swedish() else ","
    return f"{value:,}".replace(",", separator)


def decimal(value: float, places: int = 1) -> str:
    written = f"{value:.{places}f}"
    return written.replace(".", ",") if _swedish() else written


def size(octets: int | None) -> str:
    """A size in kB and up, powers of ten, as operating systems show it."""
    if octets is None:
        return ""
    amount = float(octets)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < KILO or unit == "GB":
            break
        amount /= KILO
    return decimal(amount, 0 if unit in {"B", "kB"} else 1) + NARROW + unit


def _swedish() -> bool:
    return _language() == "sv"
