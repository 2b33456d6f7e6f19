"""The pages people use, in English and Swedish.

A view goes through a door, asks one query or runs one operation, fills the page's
context with plain values already permitted and masked, and renders one template.
The templates decide nothing: a button is there only if its ``may_…`` flag is set.

Refuses identifiers in addresses: a search goes by POST and is answered under an
opaque id. Refuses script and style inside pages, so that the strictest content
security policy holds.
"""
