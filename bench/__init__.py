"""Speed, measured beside the hand-written limit: same data, same machine, one run."""
