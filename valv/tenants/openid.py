"""OpenID Connect: the code flow with PKCE and a nonce, as one relying party.

By OpenID Connect Core 1.0 (section 3.1.3.7 for what is asked of an ID token), Discovery
1.0 and RFC 7636. Nothing is kept between the two steps but what ``begin`` answers.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote, urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from valv.core.sign_in_rules import Provider
from valv.tenants.web import NoAnswer, get_json, may_be_asked, post_form

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # signed by keys we never hold
SCOPES = "openid email profile"
LEEWAY = timedelta(minutes=1)
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class NotVouched(Exception):
    """The provider does not vouch for anybody; the message quotes nothing."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and what to remember until it comes back."""

    address: str
    kept: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Kept:
    state: str
    nonce: str
    verifier: str


def begin(provider: Provider, *, back: str, again: bool) -> Begun:
    """Send somebody to the provider. ``again`` asks it to have them prove themselves.

    Raises NotVouched if the provider cannot be asked.
    """
    found = _discovered(provider)
    kept = _Kept(token_urlsafe(24), token_urlsafe(24), token_urlsafe(48))
    digest = hashlib.sha256(kept.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": SCOPES,
        "state": kept.state,
        "nonce": kept.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    if again:
        asked |= {"prompt": "login", "max_age": "0"}
    endpoint = found["authorization_endpoint"]
    joint = "&" if "?" in endpoint else "?"
    return Begun(endpoint + joint + urlencode(asked), asdict(kept))


def _discovered(provider: Provider) -> dict[str, Any]:
    """Discovery 1.0, section 4.3: the issuer must be the very one that was asked."""
    try:
        found = get_json(f"{provider.issuer}/.well-known/openid-configuration")
    except NoAnswer as error:
        raise NotVouched(f"The provider cannot be asked: {error}.") from None
    if str(found.get("issuer", "")).rstrip("/") != provider.issuer:
        raise NotVouched("The provider calls itself by another name.")
    if not all(may_be_asked(str(found.get(name, ""))) for name in ENDPOINTS):
        raise NotVouched("The provider names addresses that may not be asked.")
    return found


def finish(
    provider: Provider,
    answer: Mapping[str, str],
    kept: Mapping[str, str],
    *,
    secret: str,
    back: str,
    now: datetime,
) -> dict[str, Any]:
    """The claims of whom the provider vouches for. Raises NotVouched."""
    begun = _Kept(**kept)
    state, code = answer.get("state", ""), answer.get("code", "")
    if not compare_digest(state.encode(), begun.state.encode()) or not code:
        raise NotVouched("The answer is not to what was asked.")
    found = _discovered(provider)
    issuer = answer.get("iss")  # RFC 9207, against mixing two providers up
    if issuer is not None and issuer.rstrip("/") != provider.issuer:
        raise NotVouched("Another provider answered.")
    try:
        tokens = _exchanged(found, provider, begun, code, secret=secret, back=back)
        keys = get_json(found["jwks_uri"])
        claims = _claims(str(tokens.get("id_token", "")), keys)
        _check(claims, found["issuer"], provider.client_id, begun.nonce, now)
        return _with_userinfo(found, tokens, claims, provider.groups_claim)
    except NoAnswer as error:
        raise NotVouched(f"The provider cannot be asked: {error}.") from None


def _exchanged(
    found: Mapping[str, Any],
    provider: Provider,
    begun: _Kept,
    code: str,
    *,
    secret: str,
    back: str,
) -> dict[str, Any]:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": begun.verifier,
    }
    known = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if secret and "client_secret_basic" in known:
        # RFC 6749, section 2.3.1: each is encoded as in a form before it is joined.
        pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
        basic = base64.b64encode(pair.encode()).decode()
        return post_form(
            found["token_endpoint"], fields, Authorization=f"Basic {basic}"
        )
    fields |= {"client_id": provider.client_id}
    fields |= {"client_secret": secret} if secret else {}
    return post_form(found["token_endpoint"], fields)


def _claims(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    try:
        known = KeySet.import_key_set(keys)  # type: ignore[arg-type]
        return dict(jwt.decode(token, known, algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, KeyError, TypeError):
        raise NotVouched("The ID token is not signed by the provider.") from None


def _check(
    claims: Mapping[str, Any], issuer: str, client_id: str, nonce: str, now: datetime
) -> None:
    """Core 1.0, section 3.1.3.7. Raises NotVouched."""
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    expires, subject = claims.get("exp"), claims.get("sub")
    holds = (
        claims.get("iss") == issuer
        and client_id in listed
        and claims.get("azp", client_id) == client_id
        and (len(listed) == 1 or "azp" in claims)
        and isinstance(expires, int | float)
        and expires > (now - LEEWAY).timestamp()
        and compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode())
        and isinstance(subject, str)
        and 0 < len(subject) <= 255
    )
    if not holds:
        raise NotVouched("The ID token is not for this sign-in.")


def _with_userinfo(
    found: Mapping[str, Any],
    tokens: Mapping[str, Any],
    claims: dict[str, Any],
    groups_claim: str,
) -> dict[str, Any]:
    """What is not in the token may be told apart (Core 1.0, section 5.3)."""
    endpoint = str(found.get("userinfo_endpoint", ""))
    if {"email", groups_claim} <= claims.keys() or not may_be_asked(endpoint):
        return claims
    bearer = f"Bearer {tokens.get('access_token', '')}"
    told = get_json(endpoint, Authorization=bearer)
    if told.get("sub") != claims["sub"]:
        raise NotVouched("The provider tells of somebody else.")
    return {**told, **claims}
