"""Requests made up from the server's own description: none of them is answered by a failure of the server."""

import pytest

schemathesis = pytest.importorskip("schemathesis")
from hypothesis import HealthCheck, given, settings  # noqa: E402

SLOW = ("/v1/evaluate", "/v1/simulate", "/v1/jobs")


def test_no_request_makes_the_server_fail(server):
    schema = schemathesis.openapi.from_url(f"{server}/openapi.json")
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith(SLOW):
            continue

        @given(case=operation.as_strategy())
        @settings(
            max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        def attempt(case):
            nonlocal asked
            asked += 1
            reply = case.call(timeout=60)
            assert reply.status_code != 500, f"{case.method} {case.path}: {reply.text[:500]}"

        attempt()
    assert asked > 100
