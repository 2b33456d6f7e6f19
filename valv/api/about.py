"""What the API says of itself: its description, and what its problems mean.

Both are the same for everybody and need no token.
"""

from functools import lru_cache

import msgspec
from django.http import HttpResponse

from valv.api.endpoint import JSON, endpoint
from valv.api.errors import Problem, explained
from valv.api.openapi import document


@lru_cache(maxsize=1)
def _described() -> bytes:
    # The table is complete only once all modules of ``urls`` are loaded.
    from valv.api.urls import ENDPOINTS

    return msgspec.json.encode(document(ENDPOINTS))


@endpoint("GET", "/openapi.json", public=True, answers={200: JSON})
def describe() -> HttpResponse:
    """Describe the API in OpenAPI 3.1."""
    return HttpResponse(_described(), content_type=JSON)


@endpoint("GET", "/problems/{name}", public=True, answers={200: Problem})
def explain_problem(name: str) -> Problem:
    """Explain the type of a problem."""
    return explained(name)
