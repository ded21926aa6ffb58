"""A short version of `make soak`, with the build that is tested."""

import os
import subprocess
import sys

import programs

INVOCATIONS = 3000


def test_three_thousand_invocations_some_with_faults():
    variables = programs.environment(
        PROXY_PROGRAM=str(programs.BOOTSTRAP),
        PYTHONPATH=os.path.dirname(programs.__file__),
        SOAK_INVOCATIONS=str(INVOCATIONS),
    )
    command = [sys.executable, programs.ROOT / "scripts/soak.py"]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=programs.LONG_PATIENCE)
    assert done.returncode == 0, done.stderr
    assert f"{INVOCATIONS} invocations in" in done.stdout
