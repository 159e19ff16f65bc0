"""Serve the deployments: `python -m deployments.serve`, which `assay up` starts."""

from prefect import serve

from deployments.checkpoints import all_deployments

AT_ONCE = 2


def main() -> None:
    """Register the deployments and run what is due, until ended."""
    serve(*all_deployments(), limit=AT_ONCE, print_starting_message=False)


if __name__ == "__main__":
    main()
