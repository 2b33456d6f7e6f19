"""How pages are looked at: two looks that differ in all, and every one in a soak."""

import os
from itertools import product

Look = tuple[str, str, int]
OPPOSITES: list[Look] = [("en", "light", 1440), ("sv", "dark", 390)]
EVERY_LOOK: list[Look] = [*product(("en", "sv"), ("light", "dark"), (1440, 390))]
IS_SOAK = bool(os.environ.get("VALV_SOAK"))
LOOKS = EVERY_LOOK if IS_SOAK else OPPOSITES
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
