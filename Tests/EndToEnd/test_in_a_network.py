"""Checks that need a network of their own: they listen on AWS's names and ports, or on all interfaces."""

import subprocess
import sys

import network
import programs
import pytest


@pytest.mark.parametrize("checks", ["ministack_checks.py", "bedrock_endpoint_checks.py", "workflow_checks.py"])
def test_in_a_network_with_only_loopback(pytestconfig, checks):
    command = network.isolated()
    if not command:
        pytest.skip(f"this machine lets nobody make a network of their own (unshare --net): {checks} isn't run")
    options = ["-c", pytestconfig.inipath, "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, sys.executable, "-m", "pytest", *options, programs.ROOT / "Tests/EndToEnd" / checks],
        capture_output=True, text=True, timeout=programs.LONG_PATIENCE, cwd=programs.ROOT,
    )  # fmt: skip
    assert done.returncode == 0 and "passed" in done.stdout and "skipped" not in done.stdout, done.stdout + done.stderr
