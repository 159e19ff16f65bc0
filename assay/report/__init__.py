"""Two sides, or the checkpoints of a training run, as one value that every view draws from."""
