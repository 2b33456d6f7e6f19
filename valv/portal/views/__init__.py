"""One module per page, each with its ``routes``.

A view stands behind a door, asks one query or runs one operation, fills the page's
context and shows one template.
"""
