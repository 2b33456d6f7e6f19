"""The portal's addresses without its views, for pages drawn from made-up values."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

PATHS = {
    "sign-in": "sign-in",
    "sign-in-code": "sign-in/code",
    "sign-out": "sign-out",
    "set-language": "preferences/language",
    "set-theme": "preferences/theme",
    "search": "search",
    "search-answer": "search/<str:search_id>",
    "search-act": "search/<str:search_id>/act",
    "interaction": "interactions/<str:interaction_id>",
    "interaction-life": "interactions/<str:interaction_id>/state",
    "recording-play": "interactions/<str:interaction_id>/recordings/<int:n>/play",
    "recording-download": "interactions/<str:interaction_id>/recordings/<int:n>/mp3",
    "recording-delete": "interactions/<str:interaction_id>/recordings/<int:n>/delete",
    "chat-log-see": "interactions/<str:interaction_id>/chat-log/see",
    "chat-log-download": "interactions/<str:interaction_id>/chat-log/<str:form>",
    "links": "links",
    "link-new": "interactions/<str:interaction_id>/links/new",
    "link-cancel": "interactions/<str:interaction_id>/links/<str:link>/cancel",
    "shared": "shared/<str:token>",
    "shared-code": "shared/<str:token>/code",
    "shared-code-send": "shared/<str:token>/code/send",
    "shared-play": "shared/<str:token>/<str:copy_id>/play",
    "shared-read": "shared/<str:token>/<str:copy_id>/read",
    "chat-log-copy": "interactions/<str:interaction_id>/copy-chat-log",
    "chat-log-delete": "interactions/<str:interaction_id>/delete-chat-log",
    "transcript-see": "interactions/<str:interaction_id>/transcripts/<int:n>/see",
    "transcript-delete": "interactions/<str:interaction_id>/transcripts/<int:n>/delete",
    "play-audio": "plays/<str:handle>",
    "play-peaks": "plays/<str:handle>/peaks",
    "by-session": "s/<str:session_id>",
    "interaction-raw-data": "interactions/<str:interaction_id>/raw-data",
    "raw-data": "raw-data",
    "completeness": "completeness",
    "completeness-queues": "completeness/queues",
    "completeness-alarm": "completeness/alarm",
    "raw-data-file": "raw-data/<str:form>",
    "surveys": "surveys",
    "surveys-xlsx": "surveys.xlsx",
    "storage-times": "storage-times",
    "content-kept": "settings/content",
    "recording-rules": "recording-rules",
    "tonight": "tonight",
    "anonymise": "anonymise",
    "anonymise-job": "anonymise/<str:job_id>",
    "anonymise-state": "anonymise/<str:job_id>/state",
    "anonymise-receipt": "anonymise/<str:job_id>/receipt",
    "topics": "topics",
    "masking": "masking",
    "tokens": "tokens",
    "token-life": "tokens/life",
    "token-rotate": "tokens/<str:token>/rotate",
    "token-revoke": "tokens/<str:token>/revoke",
    "reasons": "settings/reasons",
    "audit-log": "audit-log",
    "change-log": "change-log",
    "audit-xlsx": "audit-log.xlsx",
    "audit-verify": "audit-log/verify",
    "audit-checkpoint": "audit-log/checkpoint",
}


def _nothing(request: HttpRequest, **_values: object) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [path(route, _nothing, name=name) for name, route in PATHS.items()]
