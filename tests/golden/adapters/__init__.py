"""From the inputs of a golden case to what our public functions make of them, by group.

Cases of a group come in several shapes; which one it is shows in the names of the inputs. A shape that no
adapter knows raises KeyError.
"""

from collections.abc import Callable

from tests.golden.adapters.alignment import aligned
from tests.golden.adapters.degenerate import degenerate
from tests.golden.adapters.looks import checkpoints, judged, sequential
from tests.golden.adapters.pairs import differences, equivalent, flips
from tests.golden.adapters.planning import power
from tests.golden.adapters.samples import clustered, passing, sampled
from tests.golden.adapters.shapes import Inputs, Results
from tests.golden.adapters.suites import family, suite

GROUPS: dict[str, Callable[[Inputs], Results]] = {
    "one_sample": degenerate,
    "degenerate": degenerate,
    "clustered": clustered,
    "multisample": sampled,
    "pass_at_k": passing,
    "suite": suite,
    "paired": differences,
    "paired_binary": flips,
    "power": power,
    "multiplicity": family,
    "equivalence": equivalent,
    "sequential": sequential,
    "checkpoints": checkpoints,
    "ppi": judged,
    "alignment": aligned,
}
