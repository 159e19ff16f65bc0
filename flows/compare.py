"""Compare two checkpoints or runs that are in the store."""

from prefect import flow

from assay.lookup.sides import load_side
from assay.report import compare as comparing
from assay.store.store import Store
from flows import artifacts
from flows.names import candidate_against_baseline


@flow(name="compare", flow_run_name=candidate_against_baseline)
async def compare(a: str, b: str, margin: float | None = None, allow_partial: bool = False) -> str:
    """Compare B with the baseline A question by question; returns the comparison's id.

    Each is a run's id, or a checkpoint's name for the newest of its runs of each task.
    """
    with Store.open() as store:
        found = comparing.compare(
            load_side(store, a), load_side(store, b), margin=margin, allow_partial=allow_partial
        )
        store.save_comparison(found.id, a, b, found.model_dump(mode="json"))
    await artifacts.leave_comparison(found)
    return found.id
