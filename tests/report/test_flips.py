"""Which changed questions a report holds, where not all fit."""

import pytest

from assay.report.changes import shares


@pytest.mark.parametrize(
    ("wishes", "most", "granted"),
    [
        ([54, 10, 21, 32], 200, [54, 10, 21, 32]),
        ([500, 10, 500], 200, [95, 10, 95]),
        ([3, 500], 10, [3, 7]),
        ([5, 5, 5], 2, [0, 1, 1]),
        ([5, 0], 0, [0, 0]),
        ([], 200, []),
    ],
)
def test_what_a_task_does_not_need_is_given_to_the_others(
    wishes: list[int], most: int, granted: list[int]
) -> None:
    assert shares(wishes, most=most) == granted
