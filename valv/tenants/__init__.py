"""Whose it is: tenants, users, rights, tokens and storage times.

A tenant's user is known by address and password, a machine by its token; who may do
what is decided by ``core.permissions`` and asked for in each room's ``access``.
"""
