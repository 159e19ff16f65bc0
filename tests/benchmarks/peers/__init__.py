"""What Assay costs beside lm-evaluation-harness and Inspect; `python -m tests.benchmarks.peers`."""
