from pathlib import Path

import pytest

from tasks_lib.demo.files import KINDS, contents, path
from tasks_lib.demo.world import World, make_world
from tasks_lib.questions import load
from tasks_lib.registry import build_task
from tasks_lib.sources import Local
from tasks_lib.spec import expand

TASKS = ("demo_words", "demo_letters", "demo_stories", "demo_code")


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def test_the_files_are_what_the_generator_writes(world: World) -> None:
    for kind, content in contents(world).items():
        assert Path(path(kind)).read_bytes() == content, kind


def test_another_seed_is_another_world(world: World) -> None:
    assert make_world(8).say != world.say


def test_no_document_holds_a_question(world: World) -> None:
    text = "\0".join(world.documents)
    documents = set(world.documents)
    words = [str(row["text"]).split()[2] for row in (*world.say, *world.choose)]
    assert [word for word in words if f" {word}\n" in text] == []
    assert [row["id"] for row in world.code if str(row["prompt"]) in text] == []
    assert [row["id"] for row in world.tell if f"{row['text']} {row['rest']}\n" in documents] == []


def test_the_code_files_solutions_pass_their_tests_and_others_fail(world: World) -> None:
    for row in world.code:
        exec(f"{row['prompt']}{row['solution']}\n{row['test']}\n", {})
    row = world.code[0]
    with pytest.raises(AssertionError):
        exec(f"{row['prompt']} x\n{row['test']}\n", {})


def test_the_right_choice_is_every_letter_moved_on_and_no_place_is_favoured(world: World) -> None:
    places = [0] * 4
    for row in world.choose:
        (choices, answer) = row["choices"], row["answer"]
        assert isinstance(choices, list)
        assert isinstance(answer, int)
        word = str(row["text"]).split()[2]
        assert choices[answer] == "".join(chr((ord(c) - 96) % 26 + 97) for c in word)
        assert len(set(choices)) == 4
        places[answer] += 1
    assert min(places) > 30


@pytest.mark.parametrize("name", TASKS)
def test_each_task_reads_all_its_questions(name: str) -> None:
    task = build_task(name)
    loaded = load(task)
    assert isinstance(task.source, Local)
    assert len(loaded.questions) == len(list(task.source.rows()))
    assert len({question.id for question in loaded.questions}) == len(loaded.questions)
    assert loaded.request(task, loaded.questions[0]).kind in {"generate", "loglikelihood"}


def test_the_suite_has_one_task_of_each_kind() -> None:
    assert [member.spec for member in expand("demo")] == list(TASKS)
    assert len(KINDS) == len(TASKS)
