"""`make try-deploy`: SAM's commands with the template, and the function that they make."""

import os
import re
import subprocess

import network
import programs
import pytest

TO_BUILD = 1200  # Seconds; if nothing has changed, it takes almost a minute.
pytestmark = pytest.mark.timeout(TO_BUILD + 60)


def test_the_stack_is_deployed_called_counted_and_deleted(root):
    if not network.isolated():
        pytest.skip("this machine lets nobody make a network of their own (unshare --net): SAM isn't tried")
    done = subprocess.run([root / "scripts/try-deploy"], capture_output=True, text=True, timeout=TO_BUILD)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for step in (
        r"^cd .build-try && sam build --template template.yaml$",
        r"^  answered \d\d questions$",
        r"^  made 5 × CloudWatch::Alarm, .*1 × DynamoDB::Table, .*1 × Lambda::Function, .*1 × Lambda::Url",
        r"^curl, the line of the output Curl: HTTP/1.1 200 OK, \d+ chunks$",
        r"^OpenAI's SDK, refused: 401 invalid_api_key: ",
        r"^OpenAI's SDK, plain: .+$",
        r"^OpenAI's SDK, streamed: .+ in \d+ chunks$",
        r"^OpenAI's SDK, refused: 429 insufficient_quota: The limit of the key 'app' has been reached: 3 req",
        r"counted 3 requests and \d+ tokens, as the answers say$",
        r"has a record of each of the 3 answers, and no secret$",
        r"^  nothing is left of \d+ things",
        r"^What this can't show, because ministack hasn't got it:$",
        r"^  - TLS: ",
        r"^  - streaming: ",
        r"^  - alarms over several metrics: proxy-UpstreamErrorsAlarm",
    ):
        assert re.search(step, done.stdout, re.MULTILINE), f"{step!r} is not in:\n{done.stdout}"


def test_a_machine_without_network_namespaces_gets_an_error(root, tmp_path):
    """Nothing is installed, built or deployed there."""
    (tmp_path / "unshare").write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2; exit 1\n")
    (tmp_path / "unshare").chmod(0o755)
    done = subprocess.run(
        [root / "scripts/try-deploy"], env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=programs.PATIENCE,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert "doesn't allow network namespaces" in done.stderr
