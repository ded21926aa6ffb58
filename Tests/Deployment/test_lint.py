import os
import pathlib
import subprocess
import sysconfig

import programs
import pytest

TOOLS = pathlib.Path(sysconfig.get_path("scripts"))


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


def passes(command, folder, environment):
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=programs.PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("package", ["image", "zip"])
def test_sam_validates_the_template(root, zip_template, offline, package):
    template = root / "template.yaml" if package == "image" else zip_template
    command = [TOOLS / "sam", "validate", "--lint", "--template", template]
    assert "is a valid SAM Template" in passes(command, root, offline)


def test_cfn_lint_finds_nothing(root, offline):
    assert passes([TOOLS / "cfn-lint", "template.yaml"], root, offline) == ""
