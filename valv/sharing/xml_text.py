"""Text as XML can hold it."""

import re

# XML 1.0 section 2.2; a carriage return would be read back as a line feed.
_UNFIT = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def fit(text: str) -> str:
    """Characters that XML cannot hold become U+FFFD, and line ends line feeds."""
    return _UNFIT.sub("\ufffd", text.replace("\r\n", "\n"))
