"""A server in this process, with a database of its own; the composer words its replies."""

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("prometheus_client")
pytest.importorskip("alembic")

from starlette.testclient import TestClient

from insula.serve import Settings, app


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("served") / "insula.sqlite"


@pytest.fixture(scope="module")
def client(place):
    with TestClient(app(Settings(model="composer", database=str(place), locale="en-GB"))) as found:
        yield found


@pytest.fixture
def served(tmp_path):
    """A server set up as the test says, with the lifespan begun and ended by the test."""

    def make(**settings):
        given = {"model": "composer", "database": str(tmp_path / "insula.sqlite"), **settings}
        return TestClient(app(Settings(**given)))

    return make
