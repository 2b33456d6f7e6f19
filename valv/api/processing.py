"""The record of processing activities (GDPR Art. 30), as it is in force now."""

from valv.api.endpoint import Call, endpoint
from valv.core.permissions import Right
from valv.lifecycle.processing import ProcessingRecord, processing_record


@endpoint(
    "GET",
    "/processing-record",
    right=Right.RETENTION,
    answers={200: ProcessingRecord},
)
def show_processing_record(call: Call) -> ProcessingRecord:
    """Show the record of processing activities, from the settings in force.

    Purposes, categories of people and data with their storage times, recipients and
    safeguards (GDPR Art. 30.1). It names nobody. ``days`` is null for ever.
    """
    return processing_record(call.caller, now=call.now)
