"""Files that are made as they are sent, under a name that tells nothing of anyone."""

from collections.abc import Iterable

from django.http import StreamingHttpResponse

from valv.core.moments import zone_named
from valv.portal.doors import Request


def attached(
    request: Request, stream: Iterable[bytes], name: str, form: str, media_type: str
) -> StreamingHttpResponse:
    """The answer, named after what it is and when it was asked for."""
    zone = zone_named(request.caller.tenant.timezone)
    at = request.now.astimezone(zone).strftime("%Y-%m-%d_%H%M%S")
    disposition = f'attachment; filename="{name}_{at}.{form}"'
    return StreamingHttpResponse(
        stream,
        content_type=media_type,
        headers={"Content-Disposition": disposition},
    )
