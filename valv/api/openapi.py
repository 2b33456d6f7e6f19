"""The OpenAPI 3.1 document, made from the table of endpoints.

Schemas come from the very types that bodies are read into and answers are made of.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from valv import __version__
from valv.api.endpoint import JSON, PLACEHOLDER, Endpoint, Query, shape_of
from valv.api.errors import MEDIA_TYPE, Problem

REFERENCE = "#/components/schemas/{name}"


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Describe the endpoints; an address is listed once, with all its methods."""
    listed = list(endpoints)
    types = _types(listed)
    made = msgspec.json.schema_components(types, ref_template=REFERENCE)
    schemas, components = (_with_plain_lists(one) for one in made)
    known = dict(zip(map(_key, types), schemas, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Valv",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": _paths(listed, known),
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _with_plain_lists(schema: Any) -> Any:
    """The same, a list of places all alike told by what one of them is.

    Many a program that reads OpenAPI stumbles on ``prefixItems``, and nothing is lost:
    how many places there are is said besides.
    """
    if isinstance(schema, list | tuple):
        return [_with_plain_lists(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: _with_plain_lists(value) for name, value in schema.items()}
    places = told.get("prefixItems", [])
    if places and all(one == places[0] for one in places):
        del told["prefixItems"]
        told["items"] = places[0]
    return told


def _key(type_: Any) -> str:
    return repr(type_)


def _types(endpoints: list[Endpoint]) -> list[Any]:
    stated = [one.body for one in endpoints]
    stated += [answer for one in endpoints for answer in one.answers.values()]
    found = {_key(type_): type_ for type_ in stated if not _is_media(type_)}
    return [Problem, *found.values()]


def _is_media(stated: Any) -> bool:
    """Whether it is told by its media types, or not at all, rather than by a type."""
    return stated is None or isinstance(stated, str | tuple)


def _paths(endpoints: list[Endpoint], known: dict[str, Any]) -> dict[str, Any]:
    named: dict[str, str] = {}
    paths: dict[str, Any] = {}
    for one in endpoints:
        path = named.setdefault(shape_of(one.path), one.path)
        paths.setdefault(path, {})[one.method.lower()] = _operation(one, path, known)
    return paths


def _operation(one: Endpoint, path: str, known: dict[str, Any]) -> dict[str, Any]:
    summary, _, description = (one.view.__doc__ or "").strip().partition("\n")
    described: dict[str, Any] = {
        "operationId": one.view.__name__,
        "summary": summary,
        "parameters": [
            *(_argument(name) for name in PLACEHOLDER.findall(path)),
            *map(_parameter, one.query),
        ],
        "responses": _responses(one, known),
    }
    if description.strip():
        described["description"] = re.sub(r"\s+", " ", description).strip()
    if one.body is not None:
        content = _content(one.body, known)
        described["requestBody"] = {"required": True, "content": content}
    if one.public:
        described["security"] = []
    if one.right is not None:
        described["x-right"] = one.right.value
    return described


def _argument(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _parameter(query: Query) -> dict[str, Any]:
    schema = dict(query.schema)
    return {
        "name": query.name,
        "in": "query",
        "description": query.description,
        "schema": {"type": "array", "items": schema} if query.repeated else schema,
    }


def _responses(one: Endpoint, known: dict[str, Any]) -> dict[str, Any]:
    told = {
        str(status): _response(stated, known) for status, stated in one.answers.items()
    }
    problem = {MEDIA_TYPE: {"schema": known[_key(Problem)]}}
    return told | {"default": {"description": "A problem", "content": problem}}


def _response(stated: Any, known: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "Done"}
    return told if stated is None else {**told, "content": _content(stated, known)}


def _content(stated: Any, known: dict[str, Any]) -> dict[str, Any]:
    if isinstance(stated, str):
        stated = (stated,)
    if isinstance(stated, tuple):
        return {media: {} for media in stated}
    return {JSON: {"schema": known[_key(stated)]}}
