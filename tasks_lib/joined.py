"""Several configurations of one data set as one source."""

from collections.abc import Iterator
from dataclasses import dataclass

from tasks_lib.sources import Hub
from tasks_lib.task import Row


@dataclass(frozen=True, kw_only=True)
class Joined:
    """The configurations of a Hub data set one after the other; each row names its own in `config`."""

    id: str
    configs: tuple[str, ...]
    split: str = "test"

    def __str__(self) -> str:
        return f"The data set {self.id} ({len(self.configs)} configurations, {self.split})"

    @property
    def config(self) -> str:
        """The names of all configurations."""
        return ",".join(self.configs)

    def rows(self) -> Iterator[Row]:
        """Yield the rows in order; raises DataError."""
        for config in self.configs:
            for row in Hub(self.id, config, split=self.split).rows():
                yield {**row, "config": config}
