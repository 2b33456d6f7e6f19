"""Every action the audit log knows, one documented line each."""

from enum import StrEnum


class Action(StrEnum):
    PLAY = "play"  # a recording was listened to
    SEE = "see"  # general information, a chat log, a transcript or a survey was seen
    DOWNLOAD = "download"  # content was taken out as a file
    SEND = "send"  # a copy of a chat log was sent to someone by e-mail, or failed to be
    SHARE = "share"  # a secure link to content was sent, or failed to be
    UNSHARE = "unshare"  # a secure link was ended, by someone or because it was over
    CODE = "code"  # a code of a secure link was sent, entered or mistyped
    DELETE = "delete"  # content was deleted by someone
    SEARCH = "search"  # a list was shown: kinds of parameter and count, no values
    EXPORT = "export"  # general information was taken out as a file
    FORGET = "forget"  # a person was cut from the archive
    CORRECT = "correct"  # whom an interaction is with was put right
    HOLD = "hold"  # a hold was placed or released
    REQUEST = "request"  # what somebody asked for was registered, decided or answered
    PURGE = "purge"  # the nightly run removed what was past its time
    REFUSE = "refuse"  # a rule refused what arrived
    DENY = "deny"  # someone lacked the right
    RECEIVE = "receive"  # content or general information arrived
    KEEP = "keep"  # content that waited for its decision may be kept
    WITHHOLD = "withhold"  # content that was there waits for its decision after all
    SETTING = "setting"  # a setting was changed
    SUPPORT = "support"  # support access was granted, changed, ended, or entered by
    SIGN_IN = "sign_in"  # someone signed in, or tried to
    SIGN_OUT = "sign_out"  # someone signed out
    LOG = "log"  # the audit log itself was read
    OPERATE = "operate"  # an operator's command touched the tenant
