"""A quick hasher that counts how often it worked: once is one Argon2 in earnest."""

from typing import Any

from django.contrib.auth.hashers import MD5PasswordHasher

COUNTED = "tests.portal.counting.CountingHasher"


class CountingHasher(MD5PasswordHasher):
    """As the cast's own, so that their passwords are still known."""

    worked = 0

    def encode(self, password: str, salt: str, *more: Any) -> str:
        CountingHasher.worked += 1
        return str(super().encode(password, salt, *more))
