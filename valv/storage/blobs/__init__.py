"""Where sealed bytes lie: one contract of four verbs, and its stores.

A store keeps bytes under a key and gives them back; it neither knows nor asks whose
they are or what they say, for what it is given is sealed. It refuses to overwrite.
The promises are in ``contract``; ``choose`` builds the configured store.
"""
