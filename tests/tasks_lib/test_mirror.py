"""Which splits a mirror must hold."""

from tasks_lib.mirror import hub_splits
from tasks_lib.sources import Hub, Numbered
from tasks_lib.spec import resolve_task


def test_questions_and_few_shots_stand_once_however_they_are_wrapped() -> None:
    tasks = [resolve_task(spec, {}) for spec in ("gsm8k", "gsm8k:0shot", "mbpp:olmes")]
    splits = hub_splits(tasks)
    assert len(set(splits)) == len(splits)
    assert {type(split) for split in splits} == {Hub}
    assert Hub("openai/gsm8k", "main", split="test") in splits
    assert Hub("openai/gsm8k", "main", split="train") in splits
    assert any(split.id.endswith("mbpp") for split in splits)


def test_rows_that_are_numbered_are_the_split_itself() -> None:
    task = resolve_task("gsm8k", {}).with_(source=Numbered("org/set", split="dev"), fewshot=None)
    assert hub_splits([task]) == [Hub("org/set", split="dev")]
