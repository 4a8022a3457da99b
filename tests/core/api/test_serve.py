"""What the web process asks of the system before it serves."""

from __future__ import annotations

import subprocess
import sys

import pytest

_ASK = """
import resource
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard} or hard))
from networx.api.serve import allow_files
allow_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(("soft", "hard", "allowed"), [(256, 900, 900), (256, 256, 256)])
def test_it_may_open_as_many_files_as_the_system_lets_it(soft, hard, allowed):
    code = _ASK.format(soft=soft, hard=hard)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.split() == [str(allowed), str(hard)]
