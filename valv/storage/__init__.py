"""Where bytes, keys and rows lie, one tenant at a time.

Promises that content is sealed before it touches a disk, that a destroyed key is
destroyed, and that no row is read outside a tenant's scope. Knows nothing of what
the rows mean.
"""
