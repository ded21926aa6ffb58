import os
import pathlib
import subprocess
import sys

import pytest
import stack


@pytest.fixture(scope="session")
def root():
    """The folder that is deployed."""
    return pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def template(root):
    """template.yaml as it is written."""
    return stack.read(root / "template.yaml")


@pytest.fixture(scope="session")
def zip_template(root, tmp_path_factory):
    """The template that `make zip` makes from it."""
    command = [sys.executable, root / "scripts/zip_template.py"]
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    path = tmp_path_factory.mktemp("zip") / "template.yaml"
    path.write_text(made.stdout)
    return path


@pytest.fixture(scope="session")
def deploy(template):
    """Returns the stack that CloudFormation would make with these parameters: `deploy(GeminiKey="none")`."""

    def deploy(**parameters):
        return stack.deploy(template, {"ClientKey": "a key of 16 letters", **parameters})

    return deploy


@pytest.fixture
def offline(tmp_path):
    """No account, none of this machine's settings, and a proxy where nothing listens: network calls fail."""
    nobody = "http://127.0.0.1:9"
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        "HTTP_PROXY": nobody,
        "HTTPS_PROXY": nobody,
    }
