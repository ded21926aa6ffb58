import pathlib
import subprocess
import sysconfig

import programs
import pytest

TOOLS = pathlib.Path(sysconfig.get_path("scripts"))


def passes(command, folder, environment):
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=programs.PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["template.yaml", "the zip's", "examples/api-gateway/template.yaml"])
def test_sam_validates_the_template(root, zip_template, offline, name):
    template = zip_template if name == "the zip's" else root / name
    command = [TOOLS / "sam", "validate", "--lint", "--template", template]
    assert "is a valid SAM Template" in passes(command, root, offline)


def test_cfn_lint_finds_nothing(root, offline):
    templates = ["template.yaml", "examples/api-gateway/template.yaml"]
    assert passes([TOOLS / "cfn-lint", *templates], root, offline) == ""
