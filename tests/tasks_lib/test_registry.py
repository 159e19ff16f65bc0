"""Names of tasks, variants and suites; files and plugins that bring more of them."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from assay.errors import BadSpec, UnknownName
from tasks_lib import registry
from tasks_lib.registry import (
    add_folder,
    build_task,
    describe,
    register,
    register_suite,
    register_variant,
    suite_names,
    task_names,
    variants_of,
    vary,
)
from tasks_lib.spec import Member, Node, expand, resolve_task, tree
from tasks_lib.suites.suite import Suite, suite
from tasks_lib.task import Task
from tests.tasks_lib.rows import keep_registry

TASK = '''
from assay.records import Question
from tasks_lib.extract.numbers import last_number
from tasks_lib.metrics import accuracy
from tasks_lib.prompts import completion
from tasks_lib.registry import register
from tasks_lib.scorers.text import exact_match
from tasks_lib.sources import Local
from tasks_lib.task import Task

@register("{name}")
def mine() -> Task:
    """My sums."""
    return Task(
        source=Local("rows.jsonl"),
        question=lambda row: Question(text=row["text"], target=row["answer"]),
        prompt=completion("{{text}}"),
        metrics=[accuracy(exact_match(last_number))],
    )
'''


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let what a test registers end with it."""
    keep_registry(monkeypatch)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("assay_tasks_"):
            del sys.modules[name]


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def test_a_task_is_registered_under_its_name_and_built_when_used() -> None:
    built = []

    @register("later")
    def later() -> Task:
        """Say so."""
        built.append(1)
        return build_task("gsm8k").with_(name="")

    assert "later" in task_names()
    assert describe("later") == "Say so."
    assert not built
    assert build_task("later").name == "later"
    assert built == [1]


@pytest.mark.parametrize("again", [register, register_suite])
def test_a_name_is_given_once(again: object) -> None:
    assert callable(again)
    with pytest.raises(BadSpec, match="two definitions of 'gsm8k'"):
        again("gsm8k")(lambda: None)
    with pytest.raises(BadSpec, match="two definitions of the variant"):
        register_variant("gsm8k", "olmes")(lambda task: task)
    wrong = "a:b" if again is register else "a::b"
    with pytest.raises(BadSpec, match="cannot be named"):
        again(wrong)(lambda: None)


def test_an_alias_is_another_name_of_the_same_task() -> None:
    assert resolve_task("csqa:olmes", {}).name == "commonsenseqa:olmes"
    assert expand("csqa") == [Member("csqa")]
    with pytest.raises(BadSpec, match="two definitions of 'csqa'"):
        register("csqa")(lambda: None)


@pytest.mark.parametrize("form", ["mc", "rc", "bpb", "text", "pmi", "0shot"])
def test_a_dialect_applies_before_the_forms_wherever_it_is_written(form: str) -> None:
    first, last = (resolve_task(spec, {}) for spec in (f"piqa:olmes:{form}", f"piqa:{form}:olmes"))
    assert (first.name, last.name) == (f"piqa:olmes:{form}", f"piqa:{form}:olmes")
    assert first.definition() == last.definition() != resolve_task(f"piqa:{form}", {}).definition()


def test_the_name_of_a_suite_may_have_colons_and_a_variant_may_follow() -> None:
    register_suite("team:easy")(lambda: suite("gsm8k", "arc_easy"))
    register_suite("team:easy:rc")(lambda: suite("arc_easy"))
    assert [member.spec for member in expand("team:easy:0shot")] == ["gsm8k:0shot", "arc_easy:0shot"]
    assert [member.spec for member in expand("team:easy:rc:0shot")] == ["arc_easy:0shot"]
    with pytest.raises(UnknownName, match="team:easy"):
        expand("team:eays")


def test_a_tasks_own_variant_goes_before_that_of_any() -> None:
    @register_variant("gsm8k", r"(\d+)shot")
    def mine(task: Task, count: str) -> Task:
        return task.with_(shots=int(count) + 1)

    assert vary(build_task("gsm8k"), "5shot").shots == 6
    assert vary(build_task("arc_easy"), "5shot").shots == 5


def test_variants_compose_from_left_to_right_and_are_part_of_the_name() -> None:
    task = resolve_task("gsm8k:lm-eval:2shot:n4", {})
    assert (task.name, task.shots, task.samples) == ("gsm8k:lm-eval:2shot:n4", 2, 4)
    assert task.shot_rule == "lm-eval"
    assert resolve_task("gsm8k:2shot:3shot", {}).shots == 3


@pytest.mark.parametrize(
    ("spec", "near"),
    [
        ("gsm8", "gsm8k"),
        ("gsm8k:olms", "olmes"),
        ("gsm8k:5shots", "5shot"),
        ("mmlu:subject-anatom", "anatomy"),
    ],
)
def test_an_unknown_name_names_the_nearest(spec: str, near: str) -> None:
    with pytest.raises(UnknownName, match=near):
        resolve_task(spec, {})


@pytest.mark.parametrize("spec", ["", ":", "gsm8k:", "gsm8k::5shot", ":5shot"])
def test_a_spec_with_an_empty_part_is_refused(spec: str) -> None:
    with pytest.raises(BadSpec, match="empty part"):
        resolve_task(spec, {})


def test_variants_of_a_task_are_its_own_and_those_of_any() -> None:
    assert {"olmes", "openai", "lm-eval", r"(\d+)shot", "bpb"} <= set(variants_of("gsm8k"))
    assert "openai" not in variants_of("mmlu")
    assert len(variants_of("mmlu")) == len(set(variants_of("mmlu")))


def test_a_variant_that_a_task_cannot_take_says_why() -> None:
    with pytest.raises(BadSpec, match="nothing to take few-shots from"):
        resolve_task("humaneval:3shot", {})
    with pytest.raises(BadSpec, match="one letter"):
        resolve_task("arc_easy:mc:bpb", {})
    with pytest.raises(BadSpec, match="0 samples"):
        resolve_task("gsm8k:n0", {})
    assert resolve_task("demo_stories:bpb", {}).headline.name == "bits_per_byte"


def test_a_folder_of_files_registers_its_tasks_once(tmp_path: Path) -> None:
    add_folder(folder(tmp_path, one=TASK.format(name="mine_a"), two=TASK.format(name="mine_b")))
    add_folder(tmp_path)
    assert {"mine_a", "mine_b"} <= set(task_names())
    assert resolve_task("mine_a", {}).definition() == resolve_task("mine_b", {}).definition()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def broken(:\n", "SyntaxError"),
        ("import nothing_of_that_name\n", "ModuleNotFoundError"),
        ("raise ValueError('many\\nlines')\n", "ValueError: many."),
        ("1 / 0\n", "ZeroDivisionError"),
        (TASK.format(name="gsm8k"), "two definitions of 'gsm8k'"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadSpec, match=said) as caught:
        add_folder(folder(tmp_path, broken=text))
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSpec, match="no folder of tasks"):
        add_folder(tmp_path / "none")


def test_the_folder_of_the_environment_and_plugins_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(registry.FOLDER, str(folder(tmp_path / "..", mine=TASK.format(name="from_folder"))))
    (tmp_path / "assay_plugin_for_test.py").write_text(TASK.format(name="from_plugin"))
    monkeypatch.syspath_prepend(str(tmp_path))
    entry = EntryPoint("mine", "assay_plugin_for_test", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    registry._load.cache_clear()
    assert {"from_folder", "from_plugin"} <= set(task_names())


def test_a_broken_plugin_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("mine", "no_module_of_that_name", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    registry._load.cache_clear()
    with pytest.raises(BadSpec, match=r"The plugin 'mine' .no_module_of_that_name. cannot be loaded"):
        task_names()
    monkeypatch.setattr(registry, "entry_points", lambda group: [])
    assert "gsm8k" in task_names()


def test_a_suite_spells_out_its_tasks_with_their_shares() -> None:
    register_suite("inner")(lambda: suite("arc_easy", "arc_challenge"))
    register_suite("outer")(lambda: Suite(members={"inner": 1.0, "gsm8k:5shot": 3.0}))
    assert expand("outer") == [
        Member("arc_easy", 0.125),
        Member("arc_challenge", 0.125),
        Member("gsm8k:5shot", 0.75),
    ]
    assert expand("gsm8k:lm-eval") == [Member("gsm8k:lm-eval", 1.0)]


def test_a_variant_of_a_suite_is_one_of_each_task() -> None:
    register_suite("two")(lambda: suite("gsm8k", "arc_easy:mc"))
    assert [member.spec for member in expand("two:0shot")] == ["gsm8k:0shot", "arc_easy:mc:0shot"]


def test_a_task_that_two_parts_of_a_suite_hold_stands_once() -> None:
    register_suite("part")(lambda: suite("gsm8k", "mmlu"))
    register_suite("whole")(lambda: suite("part", "mmlu"))
    assert expand("whole") == [Member("gsm8k", 0.25), Member("mmlu", 0.75)]


def test_a_suite_that_cannot_be_spelled_out_says_why() -> None:
    register_suite("loop")(lambda: suite("gsm8k", "pool"))
    register_suite("pool")(lambda: suite("loop"))
    with pytest.raises(BadSpec, match="loop > pool > loop"):
        expand("loop")
    register_suite("wrong")(lambda: suite("gsm8"))
    with pytest.raises(UnknownName, match="gsm8k"):
        expand("wrong")
    for members in ({}, {"gsm8k": 0.0}, {"gsm8k": -1.0}):
        with pytest.raises(BadSpec, match="weights above 0"):
            Suite(members=members)
    with pytest.raises(UnknownName, match="core"):
        expand("cores")


def lacks_some(node: Node) -> bool:
    return bool(node.absent) or any(lacks_some(member) for member in node.members)


def test_every_suite_can_be_spelled_out_and_its_shares_add_up() -> None:
    for name in suite_names():
        members = expand(name)
        assert lacks_some(tree(name)) or sum(member.weight for member in members) == pytest.approx(1)
        for member in members:
            resolve_task(member.spec, {})
    assert len(expand("mmlu-by-subject")) == 57
    assert expand("mmlu-by-subject:olmes")[0].spec == "mmlu:subject-abstract_algebra:olmes"
