"""A store for each test."""

from collections.abc import Iterator

import pytest

from assay.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open() as opened:
        yield opened
