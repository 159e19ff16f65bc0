"""The comparison as a table for docs/olmes.md; prints it where package and mirror are there.

python -m tests.golden.olmes.table
"""

from collections.abc import Sequence

from tests.golden.olmes.compare import Tally, compare
from tests.golden.olmes.sets import DIFFERENT, RequestSet, request_sets

HEAD = "| set | task | equal | all |\n|---|---|---:|---:|"


def table(tallies: Sequence[tuple[RequestSet, Tally]]) -> str:
    """Write a line for each set, the sum of all, and the reason for each difference."""
    lines = [HEAD, *(line(requests, tally) for requests, tally in tallies)]
    equal, total = (sum(column) for column in zip(*(tally for _, tally in tallies), strict=True))
    lines.append(f"| all {len(tallies)} sets | | {equal:,} | {total:,} |")
    return "\n".join([*lines, "", *reasons()])


def reasons() -> list[str]:
    """Write why some sets are not equal throughout."""
    return [f"* `{name}`: {expected.reason}." for name, expected in sorted(DIFFERENT.items())]


def line(requests: RequestSet, tally: Tally) -> str:
    """Write the line of one set."""
    options = "".join(f" -o {key}={value}" for key, value in requests.options.items())
    return f"| `{requests.name}` | `{requests.spec}{options}` | {tally.equal:,} | {tally.all:,} |"


if __name__ == "__main__":
    print(table([(requests, compare(requests)) for requests in request_sets()]))
