"""What modules remember of rows, and forgetting it, as a process that ends does."""

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

FORGETFUL = ("valv.core", "valv.jobs")  # they remember nobody's rows


def forget() -> None:
    """Whatever remembers rows in a module has a ``cache_clear``, as ``lru_cache``."""
    for name in [one for one in sys.modules if one.startswith("valv.")]:
        for clear in _clears_of(name):
            clear()


@cache
def _clears_of(module: str) -> list[Callable[[], None]]:
    """What empties a module's memories; looked for once, for there are many names."""
    if module.startswith(FORGETFUL):
        return []
    held = [one for one in vars(sys.modules[module]).values() if _is_memory(one)]
    return [one.cache_clear for one in held]


def _is_memory(value: Any) -> bool:
    return not isinstance(value, type) and callable(getattr(value, "cache_clear", None))
