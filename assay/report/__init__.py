"""Two runs, or the runs of many checkpoints, as one value that every view draws from."""
