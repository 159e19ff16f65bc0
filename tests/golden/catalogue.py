"""What every task reads and asks where the mirror is there: counts, and digests of rows and prompts.

Write `catalogue.json` anew, and look at what changed, with `python -m tests.golden.catalogue`.
"""

import hashlib
from pathlib import Path

import orjson

from assay.errors import BadSpec, DatasetNotFound, UnknownName
from tasks_lib.questions import load, shuffled
from tasks_lib.registry import task_names
from tasks_lib.spec import resolve_task

FILE = Path(__file__).parent / "catalogue.json"
VARIANTS = (
    "",
    "lm-eval",
    "olmes",
    "mc",
    "rc",
    "bpb",
    "text",
    "olmes:mc",
    "olmes:rc",
    "olmes:bpb",
    "instruct",
    "olmo3base",
    "cot",
    "chat",
)
ASKED = 50
"""Questions whose prompts are hashed, the first of a fixed shuffle."""
Entry = dict[str, int | str]


def entry(spec: str) -> Entry:
    """Count the questions of a task, and hash its rows and prompts; raises DatasetNotFound."""
    task = resolve_task(spec, {})
    loaded = load(task)
    state = hashlib.blake2b(digest_size=16)
    for question in shuffled(loaded.questions, seed=task.seed, limit=ASKED):
        state.update(loaded.request(task, question).model_dump_json().encode())
    return {
        "questions": len({question.id for question in loaded.questions}),
        "data": loaded.dataset_digest,
        "prompts": state.hexdigest(),
    }


def specs() -> list[str]:
    """List the forms and dialects of each task; a form that it does not have is left out."""
    names = []
    for name in task_names():
        for variant in VARIANTS:
            spec = f"{name}:{variant}" if variant else name
            try:
                resolve_task(spec, {})
            except (BadSpec, UnknownName):
                continue
            names.append(spec)
    return names


def stored() -> dict[str, Entry]:
    """Read what was written."""
    entries: dict[str, Entry] = orjson.loads(FILE.read_bytes())
    return entries


def write() -> None:
    """Write the entries of all specs whose rows are in the mirror."""
    entries = {}
    for spec in specs():
        try:
            entries[spec] = entry(spec)
        except (BadSpec, DatasetNotFound) as error:
            print(f"left out: {spec}: {error}"[:200])
    FILE.write_bytes(orjson.dumps(entries, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


if __name__ == "__main__":
    write()
