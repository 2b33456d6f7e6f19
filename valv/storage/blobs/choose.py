"""Which blob store a URL means, built and refused in whole sentences.

    file:///var/lib/valv/blobs
    s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-north-1&style=path

``endpoint`` defaults to Amazon's own for the region, ``region`` to us-east-1, and
``style`` (``path``, or ``host`` where the endpoint's host name begins with the
bucket) to ``path``. The key pair comes in ``secrets``, never in the URL, which ends
up in logs.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from valv.core.errors import Malformed, Misconfigured
from valv.storage.blobs.contract import BlobStore, BlobStoreFailed, checked_prefix
from valv.storage.blobs.local import LocalStore
from valv.storage.blobs.s3 import S3Place, S3Secrets, S3Store

PARAMETERS = {"endpoint", "region", "style"}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)


def store_from_url(url: str, *, secrets: Mapping[str, str]) -> BlobStore:
    """Build the store that the URL names.

    ``secrets`` holds ``access_key_id``, ``secret_access_key`` and, for a temporary
    pair, ``session_token``; local files need none. Nothing is asked over the network
    yet. Raises ``Misconfigured`` with a sentence that says what to do.
    """
    parts = _split(url)
    if parts.scheme == "file":
        return _local(parts)
    if parts.scheme == "s3":
        return S3Store(_place(parts), secrets=_pair(secrets))
    raise Misconfigured(
        "The blob store's URL must begin with file:/// or s3://; "
        "set it to a folder, such as file:///var/lib/valv/blobs."
    )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Misconfigured("The blob store's URL cannot be read as one.") from None
    if parts.username is not None or parts.password is not None:
        raise Misconfigured(
            "The blob store's URL holds a user name or password; take it out, "
            "and give the key pair as secrets."
        )
    return parts


def _local(parts: SplitResult) -> LocalStore:
    if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/"):
        raise Misconfigured(
            "A file URL names a folder of this machine by its full path, "
            "with three slashes: file:///var/lib/valv/blobs."
        )
    folder = Path(unquote(parts.path))
    try:
        return LocalStore(folder)
    except BlobStoreFailed:
        raise Misconfigured(
            f"The blob folder {folder} cannot be made; "
            "make it yourself and let Valv's user own it."
        ) from None


def _place(parts: SplitResult) -> S3Place:
    query = _query(parts.query)
    region = query.get("region", "us-east-1")
    bucket = _bucket(parts.netloc)
    in_host = _style(query.get("style", "path")) == "host"
    amazon = f"{bucket}.s3" if in_host else "s3"
    endpoint = query.get("endpoint", f"https://{amazon}.{region}.amazonaws.com")
    return S3Place(
        bucket=bucket,
        endpoint=_endpoint(endpoint),
        region=region,
        prefix=_prefix(parts.path),
        bucket_in_host=in_host,
    )


def _query(text: str) -> dict[str, str]:
    query = dict(parse_qsl(text, keep_blank_values=True))
    for name in query.keys() - PARAMETERS:
        raise Misconfigured(
            f"The blob store's URL has a parameter {name!r}, which is not known; "
            f"those known are {', '.join(sorted(PARAMETERS))}."
        )
    return query


def _bucket(name: str) -> str:
    if not _BUCKET.fullmatch(name):
        raise Misconfigured(
            "The blob store's URL names no valid bucket; "
            "write it as s3://bucket or s3://bucket/prefix."
        )
    return name


def _endpoint(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    strange = parts.query or parts.username is not None
    if parts.scheme not in {"http", "https"} or not parts.hostname or strange:
        raise Misconfigured(
            "The blob store's endpoint must be a plain http or https address, "
            "such as endpoint=https://s3.example.com."
        )
    return url.rstrip("/")


def _prefix(path: str) -> str:
    try:
        return checked_prefix(unquote(path).strip("/"))
    except Malformed:
        raise Misconfigured(
            "The prefix in the blob store's URL may only have a-z, 0-9, and _ . - / "
            "in it, and no part of it may begin with a dot."
        ) from None


def _style(style: str) -> str:
    if style not in {"path", "host"}:
        raise Misconfigured("The blob store's style must be path or host.")
    return style


def _pair(secrets: Mapping[str, str]) -> S3Secrets:
    lacking = {"access_key_id", "secret_access_key"} - {
        name for name, value in secrets.items() if value
    }
    if lacking:
        raise Misconfigured(
            f"Blobs in S3 need a key pair; {' and '.join(sorted(lacking))} must be set."
        )
    return S3Secrets(
        access_key_id=secrets["access_key_id"],
        secret_access_key=secrets["secret_access_key"],
        session_token=secrets.get("session_token") or None,
    )
