"""A provider that lies: whatever of its answer is not for this sign-in lets nobody in.

By OpenID Connect Core 1.0, section 3.1.3.7. Its server is real, and answers as bidden.
"""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from tests.cast import NOW
from valv.core.sign_in_rules import Provider
from valv.tenants.openid import NotVouched, begin, finish

BACK, CLIENT = "http://localhost/back", "valv"


@dataclass
class Liar:
    """What it says beside the truth; ``kept`` is what Valv remembered till then."""

    url: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    signs: Callable[[dict[str, Any]], str] | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    def answer(self, path: str) -> dict[str, Any]:
        match path:
            case "/.well-known/openid-configuration":
                places = {
                    "authorization_endpoint": "authorize",
                    "token_endpoint": "token",
                    "jwks_uri": "keys",
                    "userinfo_endpoint": "who",
                }
                named = {name: f"{self.url}/{at}" for name, at in places.items()}
                return {"issuer": self.url, **named, **self.found}
            case "/keys":
                return {"keys": [self.key.as_dict(private=False)]}
            case "/token":
                return {"id_token": self.token(), "access_token": "x"}
            case _:
                return {"sub": "bo", "email": "bo@acme.example", **self.told}

    def token(self) -> str:
        true = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "bo",
            "exp": int(NOW.timestamp()) + 60,
            "nonce": self.kept["nonce"],
        }
        said = {k: v for k, v in {**true, **self.claims}.items() if v is not None}
        if self.signs is not None:
            return self.signs(said)
        return jwt.encode({"alg": "ES256"}, said, self.key)


@pytest.fixture(scope="module")
def liar() -> Iterator[Liar]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(made.answer(self.path)).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Liar(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def comes_in(liar: Liar, lie: dict[str, Any]) -> dict[str, Any]:
    """The claims of whom it vouches for. Raises NotVouched."""
    provider = Provider(issuer=liar.url, client_id=CLIENT)
    liar.claims = lie.get("claims", {})
    liar.found, liar.told = lie.get("found", {}), lie.get("told", {})
    liar.signs = lie.get("signs")
    liar.kept = begin(provider, back=BACK, again=False).kept
    answer = {"state": liar.kept["state"], "code": "x", **lie.get("answer", {})}
    return finish(provider, answer, liar.kept, secret="", back=BACK, now=NOW)


def by_another_key(said: dict[str, Any]) -> str:
    return jwt.encode({"alg": "ES256"}, said, ECKey.generate_key("P-256"))


def by_a_secret(said: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, said, OctKey.import_key("x" * 32))


PAST = int(NOW.timestamp()) - 61
LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "x"}},
    "no nonce": {"claims": {"nonce": None}},
    "another issuer": {"claims": {"iss": "https://other.example"}},
    "for another": {"claims": {"aud": "other"}},
    "for several, sent to none": {"claims": {"aud": [CLIENT, "other"]}},
    "sent to another": {"claims": {"aud": [CLIENT, "other"], "azp": "other"}},
    "over": {"claims": {"exp": PAST}},
    "without end": {"claims": {"exp": None}},
    "of nobody": {"claims": {"sub": ""}},
    "signed by another": {"signs": by_another_key},
    "signed by a secret": {"signs": by_a_secret},
    "under another name": {
        "found": {"issuer": "https://other.example"},
        "claims": {"iss": "https://other.example"},
    },
    "somebody else's data": {"told": {"sub": "dag"}},
    "another state": {"answer": {"state": "x"}},
    "another's answer": {"answer": {"iss": "https://other.example"}},
}


def test_the_truth_lets_in(liar: Liar) -> None:
    assert comes_in(liar, {})["email"] == "bo@acme.example"


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_lets_nobody_in(liar: Liar, lie: str) -> None:
    with pytest.raises(NotVouched):
        comes_in(liar, LIES[lie])
