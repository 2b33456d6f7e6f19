"""The masking that a tenant begins with, how another is made, and events read by it."""

from functools import partial

from valv.core import events
from valv.core.masking import Masking, MaskingRules

AS_ONE_BEGINS = Masking.of(MaskingRules(), region="SE")
read_event = partial(events.read_event, masking=AS_ONE_BEGINS)


def masking(region: str = "SE", **rules: object) -> Masking:
    """Masking by other rules."""
    return Masking.of(MaskingRules(**rules), region=region)  # type: ignore[arg-type]
