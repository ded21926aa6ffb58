"""The tool that builds and runs the image on this machine: Docker, or a command that does it without a daemon.

The variable CONTAINER_BUILD names such a command, for machines where Docker isn't installed or doesn't answer:

    $CONTAINER_BUILD FOLDER -n NAME                    builds FOLDER/Dockerfile
    $CONTAINER_BUILD run NAME --lambda [--entrypoint PROGRAM] [VARIABLE=VALUE]... [-- ARGUMENT...]
                                                       runs it on this host's network as Lambda would: with an
                                                       unprivileged user, a read-only root, and Lambda's variables
"""

import os
import shutil
import subprocess

TO_ASK = 60  # Seconds: a daemon that doesn't answer for so long counts as missing.
# As Lambda runs a function.
AS_LAMBDA = ["--rm", "--network", "host", "--user", "993:990", "--read-only", "--tmpfs", "/tmp", "--init"]
LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "test", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_REGION": "us-east-1",
    "LAMBDA_TASK_ROOT": "/var/task",
}  # fmt: skip


class Docker:
    def build_command(self, folder, name):
        return ["docker", "build", "--tag", name, folder]

    def run_command(self, name, program=None, arguments=(), **variables):
        named = [f"--env={key}={value}" for key, value in {**LAMBDA, **variables}.items()]
        entry = ["--entrypoint", program] if program else []
        return ["docker", "run", *AS_LAMBDA, *named, *entry, name, *arguments]


class WithoutDaemon:
    def __init__(self, tool):
        self.tool = tool

    def build_command(self, folder, name):
        return [self.tool, folder, "-n", name]

    def run_command(self, name, program=None, arguments=(), **variables):
        named = [f"{key}={value}" for key, value in variables.items()]
        entry = ["--entrypoint", program] if program else []
        return [self.tool, "run", name, "--lambda", *entry, *named, *(["--", *arguments] if arguments else [])]


def found():
    """This machine's tool and None, or None and the reason why there is none."""
    why = _docker_is_missing()
    if not why:
        return Docker(), None
    if tool := os.environ.get("CONTAINER_BUILD"):
        return WithoutDaemon(tool), None
    return None, f"the image can't be built here: {why}, and CONTAINER_BUILD names no other tool"


def _docker_is_missing():
    """A sentence about what is wrong, or None if it answers."""
    if not shutil.which("docker"):
        return "there is no docker"
    try:
        asked = subprocess.run(["docker", "version"], capture_output=True, text=True, timeout=TO_ASK)
    except subprocess.TimeoutExpired:
        return "docker does not answer"
    return f"docker does not answer ({asked.stderr.strip()})" if asked.returncode else None
