"""Finding interactions: newest first, a page at a time, at any size of archive.

``plan`` turns a request into conditions and the index to walk, ``sql`` says it in the
words of both databases, ``run`` walks. Nothing here knows who asks.
"""
