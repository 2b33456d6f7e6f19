"""The demo: an archive of made-up conversations that one can really listen to.

Every name, number and word is invented; numbers are from ranges kept for fiction and
addresses end in example.com, .org or .net. Refuses to be a test of anything.
"""
