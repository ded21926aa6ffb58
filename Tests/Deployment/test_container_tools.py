"""Which tool builds the image, and the reason if none does."""

import container_tools
import pytest


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """A docker that does this, alone on the search path, and no other tool."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CONTAINER_BUILD", raising=False)

    def docker(script):
        (tmp_path / "docker").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "docker").chmod(0o755)

    return docker


def test_a_docker_that_answers_is_used(docker, monkeypatch):
    docker("exit 0")
    monkeypatch.setenv("CONTAINER_BUILD", "another")
    tool, missing = container_tools.found()
    assert tool.build_command("/here", "image")[:2] == ["docker", "build"] and missing is None


@pytest.mark.parametrize("script", [None, "echo no daemon >&2; exit 1"])
def test_without_a_working_docker_the_named_tool_is_used(docker, monkeypatch, script):
    if script:
        docker(script)
    monkeypatch.setenv("CONTAINER_BUILD", "another")
    tool, missing = container_tools.found()
    assert tool.build_command("/here", "image") == ["another", "/here", "-n", "image"] and missing is None
    command = tool.run_command("image", "/bin/ls", ["-A"], NAME="value")
    assert command == ["another", "run", "image", "--lambda", "--entrypoint", "/bin/ls", "NAME=value", "--", "-A"]


@pytest.mark.parametrize(("script", "why"), [(None, "there is no docker"), ("echo no daemon >&2; exit 1", "no daemon")])
def test_without_any_tool_the_reason_is_given(docker, script, why):
    if script:
        docker(script)
    tool, missing = container_tools.found()
    assert tool is None and why in missing and "CONTAINER_BUILD" in missing
