"""The border between Python users and Prefect, whose modules read the environment when they are imported."""

from importlib import import_module

from assay.prefect_server import ensure
from assay.records import Run
from harnesses.evaluation.job import Job
from harnesses.evaluation.progress import Progress


async def evaluate_in_flow(job: Job, *, progress: Progress) -> Run:
    """Evaluate a job as a Prefect flow run; starts the server of this home where none is configured."""
    ensure()
    flows = import_module("flows.evaluate")
    run: Run = await flows.evaluate_job(job, progress=progress)
    return run
