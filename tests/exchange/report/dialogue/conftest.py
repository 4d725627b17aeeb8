"""The made-up conversation that has every layer, and its readings."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

from conversations import farewell
from insula.exchange.report.dialogue.view import readings


@pytest.fixture
def talk():
    return farewell()


@pytest.fixture
def found(talk):
    return readings(talk)
