"""Whatever a command shows as a name can be typed, and a name that could mean two things is refused."""

import pytest

from assay.errors import BadSpec, UnknownName
from assay.lookup.runs import find_run, find_runs
from assay.records import Run
from assay.store import Store
from tests.report.examples import draws, stored


@pytest.fixture
def trained(store: Store) -> dict[str, Run]:
    runs = {}
    for step in (60, 250, 420):
        for task in ("words", "code:bpb"):
            name = f"/ckpt/demo/step-{step}"
            runs[f"{step} {task}"] = stored(
                store, name, draws(step), step=step, training_run="demo", task=task
            )
    stored(
        store, "/ckpt/demo/step-500", draws(3), step=500, training_run="demo", task="words", status="failed"
    )
    return runs


@pytest.mark.parametrize(
    "name",
    [
        "demo@250",
        "demo step 250",
        "demo@latest~1",
        "embedded:/ckpt/demo/step-250",
        "/ckpt/demo/step-250",
        "demo/step-250",
        "step-250",
    ],
)
def test_a_checkpoint_has_every_name_that_is_shown(trained: dict[str, Run], store: Store, name: str) -> None:
    wanted = {trained["250 words"].id, trained["250 code:bpb"].id}
    assert {run.id for run in find_runs(store, name)} == wanted
    assert find_run(store, f"{name}@code:bpb").id == trained["250 code:bpb"].id
    assert find_run(store, f"{name} words").id == trained["250 words"].id


def test_the_latest_is_the_last_that_was_completed(trained: dict[str, Run], store: Store) -> None:
    assert {run.checkpoint.step for run in find_runs(store, "demo@latest")} == {420}
    assert find_run(store, "demo@latest@words").checkpoint.step == 420
    with pytest.raises(BadSpec, match="was completed"):
        find_runs(store, "demo@500")
    assert find_run(store, "demo@500").status == "failed"


def test_a_run_is_named_by_the_beginning_of_its_id(trained: dict[str, Run], store: Store) -> None:
    run = trained["60 words"]
    assert find_run(store, run.id[:-1]).id == run.id
    assert [run.id for run in find_runs(store, run.id)] == [run.id]


def test_one_run_of_several_is_not_chosen_silently(trained: dict[str, Run], store: Store) -> None:
    with pytest.raises(BadSpec, match=r"names 2 runs.*demo@250@") as error:
        find_run(store, "demo@250")
    assert set(error.value.ids) == {"demo@250@words", "demo@250@code:bpb"}


def test_a_training_run_is_no_checkpoint(trained: dict[str, Run], store: Store) -> None:
    with pytest.raises(BadSpec, match=r"'demo' is a training run with 4 checkpoints: demo@500.*demo@latest"):
        find_runs(store, "demo")


def test_a_folder_of_two_trainings_is_ambiguous(trained: dict[str, Run], store: Store) -> None:
    stored(store, "/ckpt/other/step-250", draws(1))
    with pytest.raises(BadSpec, match="2 checkpoints are named 'step-250'"):
        find_runs(store, "step-250")
    assert find_runs(store, "other/step-250")[0].checkpoint.name == "embedded:/ckpt/other/step-250"


@pytest.mark.parametrize("name", ["demo@251", "demo@latest~3", "dmeo@250", "demo@250@wrods", "feedfeed"])
def test_an_unknown_name_is_refused(trained: dict[str, Run], store: Store, name: str) -> None:
    with pytest.raises(UnknownName):
        find_runs(store, name)


def test_a_typo_is_answered_with_the_name_that_was_meant(trained: dict[str, Run], store: Store) -> None:
    with pytest.raises(UnknownName, match="demo@250"):
        find_runs(store, "demo@25")
    with pytest.raises(UnknownName, match="demo@250"):
        find_runs(store, "dem@250")
