"""The stages as saved templates, and Node for the tests that build a stack themselves."""

from __future__ import annotations

import os

import pytest

from tests.stacks.synthesis import NODE, Assembly, assembly

os.environ.setdefault("JSII_NODE", str(NODE))


@pytest.fixture(scope="session", params=["dev", "prod"])
def deployed(request: pytest.FixtureRequest) -> Assembly:
    """The smallest stage and the largest: what must hold for every stage."""
    return assembly(request.param)


@pytest.fixture(scope="session")
def dev() -> Assembly:
    return assembly("dev")


@pytest.fixture(scope="session")
def prod() -> Assembly:
    return assembly("prod")
