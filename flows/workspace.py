"""What the tasks of one evaluation share inside a process; between them only the workspace's key travels."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from assay.records import Run, Score, Stopped
from assay.spool import Spool
from assay.store.quarantine import Quarantined
from assay.store.store import Store
from harnesses.evaluation.collection import look_seldom
from harnesses.evaluation.engines import Lease, lease
from harnesses.evaluation.spec import Spec
from harnesses.evaluation.stopping import Watch
from harnesses.harness import Harness, load_harness
from harnesses.tools.catalog import TOOLS
from harnesses.tools.tool import find_tools
from harnesses.work import Shard
from sandbox.pool import Pool
from tasks_lib.questions import Loaded
from tasks_lib.spec import resolve_task
from tasks_lib.task import Task


@dataclass
class Workspace:
    """One evaluation in progress; the fields without a value are filled by its first step."""

    key: str
    spec: Spec
    store: Store
    task: Task
    harness: Harness
    lease: Lease
    nonce: str
    stack: AsyncExitStack
    loaded: Loaded = field(init=False)
    run: Run = field(init=False)
    shards: list[Shard] = field(default_factory=list)
    pool: Pool | None = None
    watch: Watch | None = None
    clusters: Mapping[str, str] = field(default_factory=dict)
    """Of the questions that have one, where `watch` looks at them."""
    stopped: Stopped | None = None
    """Set once the comparison that `watch` looks at is settled."""
    kept: int = 0
    """Shards that settled it."""
    scores: Spool[Score] = field(default_factory=lambda: Spool(Score))
    scored: dict[int, range] = field(default_factory=dict)
    """Where the scores of each shard stand in `scores`."""
    passed: Sequence[Score] = ()
    quarantined: list[Quarantined] = field(default_factory=list)
    expected: int = 0
    done: int = 0
    failed: int = 0
    requested: int = 0
    """Samples that were not in the response log."""
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities asked of a sandbox, by scorers and tools."""
        tools = find_tools(self.harness.tools, TOOLS).values()
        return self.task.needs.union(*(tool.needs for tool in tools))

    def scores_of(self, shards: Iterable[int]) -> Iterator[Score]:
        """Yield the scores of some shards, in their order."""
        return (self.scores[place] for number in shards for place in self.scored.get(number, ()))


ACTIVE: dict[str, Workspace] = {}
"""Evaluations in progress in this process, by key; progress displays read it."""


@asynccontextmanager
async def workspace(spec: Spec, *, key: str) -> AsyncIterator[Workspace]:
    """Open what an evaluation needs, so that a wrong command shows before anything is asked."""
    look_seldom()
    async with AsyncExitStack() as stack:
        task = resolve_task(spec.task, spec.overrides)
        harness = load_harness(spec.harness)
        store = stack.enter_context(Store.open())
        nonce = spec.nonce or store.open_scope(spec.scope)
        leased = await stack.enter_async_context(lease(spec, nonce=nonce))
        ACTIVE[key] = Workspace(key, spec, store, task, harness, leased, nonce, stack)
        stack.callback(ACTIVE.pop, key)
        yield ACTIVE[key]
