"""What was done: every sight or change of personal data, in the change's transaction.

``operations.record`` is the only writer. Entries name identifiers and interactions by
number and repeat nothing of them, so that the log survives what it speaks of.
"""
