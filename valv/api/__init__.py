"""One of three ways in: HTTP for machines, described in OpenAPI.

Authenticates, translates, and asks one query or operation; decides nothing itself.
"""
