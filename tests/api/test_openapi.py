"""The description of the API, against the API."""

import msgspec
import pytest
from django.test import Client

from valv.api.urls import ENDPOINTS

METHODS = {"get", "put", "post", "delete", "head"}


@pytest.fixture
def described(client: Client) -> dict[str, dict[str, dict[str, object]]]:
    paths: dict[str, dict[str, dict[str, object]]]
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    return paths


def test_every_endpoint_is_described(
    described: dict[str, dict[str, dict[str, object]]],
) -> None:
    told = {operation["operationId"] for path in described.values()
            for operation in path.values()}  # fmt: skip

    assert told == {endpoint.view.__name__ for endpoint in ENDPOINTS}


def test_every_description_has_a_summary(
    described: dict[str, dict[str, dict[str, object]]],
) -> None:
    silent = [
        operation["operationId"] for path in described.values()
        for operation in path.values() if not operation["summary"]
    ]  # fmt: skip

    assert silent == []


def test_a_scale_is_a_list_of_two_numbers(client: Client) -> None:
    """Said without ``prefixItems``, on which programs that read OpenAPI stumble."""
    said = client.get("/api/v1/openapi.json").content

    assert b"prefixItems" not in said
    told = msgspec.json.decode(said)["components"]["schemas"]["SurveyItem"]
    scale = told["properties"]["scale"]
    assert (scale["items"], scale["minItems"]) == ({"type": "integer"}, 2)


def test_every_endpoint_but_the_description_needs_a_token(client: Client) -> None:
    unguarded = [
        one.path for one in ENDPOINTS
        if one.method in {"GET", "POST", "PUT", "DELETE"}
        and client.generic(
            one.method, "/api/v1" + one.path.replace("{id}", "1").replace("{n}", "1")
        ).status_code != 401
    ]  # fmt: skip

    assert unguarded == ["/openapi.json", "/problems/{name}"]
