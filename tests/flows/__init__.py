"""The flows, below Prefect."""
