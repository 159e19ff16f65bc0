"""Ask `reference.py`, under the interpreter that has transformers, what it computes."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.vllm.pairs import LENGTH

Computed = list[tuple[float, int, bool]]


def computed(
    python: Path, folder: Path, asked: Sequence[Sequence[object]], *, dtype: str = "float32"
) -> Computed:
    """Return sum, tokens and greediness of what is asked, in the words of `reference.py`."""
    ran = subprocess.run(
        [python, Path(__file__).parent / "reference.py", folder, dtype, str(LENGTH)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return [(value, tokens, greedy) for value, tokens, greedy in json.loads(ran.stdout)]
