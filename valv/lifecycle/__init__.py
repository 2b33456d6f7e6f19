"""How everything ends: storage times, the nightly run, deletion, what is left over.

Destructive work is decided by ``core.retention``, done in small batches, restartable at
any point, and reported. Any error while deciding means keep, and report.
"""
