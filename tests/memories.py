"""What modules remember of rows, and forgetting it, as a process that ends does."""

import sys
from functools import lru_cache
from typing import Any

# They remember nobody's rows, and take their time to learn again what they know.
FORGETFUL = (
    *("valv.core.", "valv.jobs.", "valv.api.about"),
    *("valv.portal.builders.hits", "valv.portal.drawn", "valv.portal.jinja"),
    *("valv.storage.columns", "valv.storage.raw"),
)


def forget() -> None:
    """Whatever remembers rows in a module has a ``cache_clear``, as ``lru_cache``."""
    for memory in _memories(len(sys.modules)):
        memory.cache_clear()


@lru_cache(maxsize=1)
def _memories(_loaded: int) -> list[Any]:
    """Of all modules; looked for anew when there are more of them."""
    ours = [module for name, module in sys.modules.items() if name.startswith("valv.")]
    return [one for module in ours for one in vars(module).values() if _is_memory(one)]


def _is_memory(value: Any) -> bool:
    """Not one that a module has from elsewhere: that is found where it is made."""
    if isinstance(value, type) or not callable(getattr(value, "cache_clear", None)):
        return False
    made_in = str(value.__module__)
    return made_in.startswith("valv.") and not made_in.startswith(FORGETFUL)
