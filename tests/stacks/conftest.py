"""The stages as saved templates, and Node for the tests that build a stack themselves."""

from __future__ import annotations

import os

import pytest

from stacks.sizes import SIZES
from tests.stacks.synthesis import NODE, Assembly, assembly

os.environ.setdefault("JSII_NODE", str(NODE))


@pytest.fixture(scope="session", params=SIZES)
def deployed(request: pytest.FixtureRequest) -> Assembly:
    """Every stage: what must hold for all of them."""
    return assembly(request.param)


@pytest.fixture(scope="session")
def dev() -> Assembly:
    return assembly("dev")


@pytest.fixture(scope="session")
def prod() -> Assembly:
    return assembly("prod")
