"""What every catalogue row must pass: the same `check_component` that guests run on their own."""

import pytest

from insula.catalogue import build, rows
from insula.component import Component
from insula.testing import check_component


def built(row):
    """The component of a row, or a skip that says what this machine lacks for it."""
    if row.needs:
        pytest.skip(f"needs {', '.join(row.needs)} from whoever builds it")
    try:
        return build(row.name)
    except ImportError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("row", rows("text"), ids=lambda row: row.name)
def test_contract(row):
    component = built(row)
    assert isinstance(component, Component)
    assert set(component.reads) <= set(row.reads)
    assert set(component.writes) == set(row.writes)
    check_component(component)
