"""Who may do what: one table of rights, roles and token scopes.

The table is the documentation, the test oracle and the implementation. It knows nothing
of users; a caller carries a set of rights, and asks for one.
"""

from collections.abc import Iterable
from enum import StrEnum


class Right(StrEnum):
    """What one may do. Content is what was said; general information is about it."""

    SEE = "see"  # search, and see general information
    OWN = "own"  # the same for contacts one took part in oneself, and no others
    PLAY = "play"  # hear a recording, read a chat log or transcript
    DOWNLOAD = "download"  # take content out as a file
    RESTRICTED = "restricted"  # open restricted content, for a stated purpose
    DELETE = "delete"  # delete content; general information stays
    BULK = "bulk"  # do so for many at once
    EXPORT = "export"  # take general information out as a file
    SURVEYS = "surveys"  # the survey result list
    RAW_DATA = "raw_data"  # raw events
    AUDIT = "audit"  # the audit log
    PRIVACY = "privacy"  # anonymise and forget a person
    HOLDS = "holds"  # place and see holds
    RELEASE = "release"  # let go of what a hold keeps
    RETENTION = "retention"  # storage times
    RECORDING_POLICY = "recording_policy"  # what is recorded
    USERS = "users"  # users and their rights
    TOKENS = "tokens"  # API tokens
    SUPPORT = "support"  # let the operator's support in, and end it
    LINKS = "links"  # send content to someone without an account
    SETTINGS = "settings"  # the tenant's settings
    INTAKE = "intake"  # send data in


class Role(StrEnum):
    """Ready-made sets of rights."""

    AGENT = "agent"
    GENERAL_ONLY = "general_only"
    ARCHIVE_USER = "archive_user"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"
    OWNER = "owner"


class Scope(StrEnum):
    """What a token may be made for."""

    INTAKE = "intake"
    READ = "read"
    CONTENT = "content"
    RESTRICTED = "restricted"
    DELETE = "delete"
    PRIVACY = "privacy"
    AUDIT = "audit"
    ADMIN = "admin"


GENERAL = frozenset({Right.SEE})
ARCHIVE = GENERAL | {
    Right.PLAY,
    Right.DOWNLOAD,
    Right.BULK,
    Right.EXPORT,
    Right.SURVEYS,
}
# What reaches into people's lives is given by name, not with the office.
BY_NAME = frozenset({Right.AUDIT, Right.PRIVACY, Right.HOLDS, Right.RELEASE})
# What can be done to a part of the archive; all else is of the whole, or not at all.
OF_A_PART = frozenset(
    {
        Right.SEE,
        Right.OWN,
        Right.PLAY,
        Right.DOWNLOAD,
        Right.DELETE,
        Right.BULK,
        Right.EXPORT,
        Right.RESTRICTED,
        Right.SURVEYS,
        Right.LINKS,
    }
)
TRUSTED = ARCHIVE | {
    Right.RESTRICTED,
    Right.DELETE,
    Right.RETENTION,
    Right.RAW_DATA,
    Right.LINKS,
}

RIGHTS_OF_ROLE: dict[Role, frozenset[Right]] = {
    Role.AGENT: frozenset({Right.OWN, Right.PLAY}),
    Role.GENERAL_ONLY: GENERAL,
    Role.ARCHIVE_USER: ARCHIVE,
    Role.PRIVACY_OFFICER: TRUSTED | BY_NAME,
    Role.ADMINISTRATOR: frozenset(Right) - BY_NAME - {Right.OWN},
    # The tenant's first. Nobody gives what they have not, so this one has it all.
    Role.OWNER: frozenset(Right) - {Right.OWN},
}

RIGHTS_OF_SCOPE: dict[Scope, frozenset[Right]] = {
    Scope.INTAKE: frozenset({Right.INTAKE}),
    Scope.READ: frozenset({Right.SEE, Right.EXPORT, Right.SURVEYS, Right.RAW_DATA}),
    Scope.CONTENT: frozenset({Right.PLAY, Right.DOWNLOAD, Right.BULK}),
    Scope.RESTRICTED: frozenset({Right.RESTRICTED}),
    Scope.DELETE: frozenset({Right.DELETE, Right.BULK}),
    Scope.PRIVACY: frozenset(
        {Right.PRIVACY, Right.HOLDS, Right.RELEASE, Right.RESTRICTED}
    ),
    Scope.AUDIT: frozenset({Right.AUDIT}),
    Scope.ADMIN: frozenset(
        {
            Right.RETENTION,
            Right.RECORDING_POLICY,
            Right.USERS,
            Right.TOKENS,
            Right.SUPPORT,
            Right.SETTINGS,
        }
    ),
}


def permits(rights: Iterable[Right], right: Right) -> bool:
    return right in frozenset(rights)


def rights_of_scopes(scopes: Iterable[Scope]) -> frozenset[Right]:
    """All that a token with these scopes may do."""
    return frozenset(right for scope in scopes for right in RIGHTS_OF_SCOPE[scope])
