"""What is held: interactions, their content, surveys and raw events; and the search.

Rows hold no personal data: they point at identifiers, which stand once per tenant,
sealed under keys of their own; free text is sealed under its interaction's key.
"""
