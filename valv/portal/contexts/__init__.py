"""What each page shows: plain values, already permitted and masked.

A context holds nothing that can be asked for more: no model, no query, no secret. What
a person may not see is not in it, and a button exists only where a ``may_…`` flag is
set. Times are aware; the templates show them in the zone that is activated, which is
the tenant's.
"""

Choice = tuple[str, str]
"""A value as it stands in the form, and the words shown for it."""
