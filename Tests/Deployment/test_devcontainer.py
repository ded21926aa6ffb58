"""The development container has the image's Swift version, and everything that the scripts would install."""

import json
import re


def base(dockerfile):
    return re.search(r"^FROM (\S*/swift:\S+)", dockerfile, re.MULTILINE)[1]


def test_it_has_the_same_swift_as_the_image(root):
    assert base((root / ".devcontainer/Dockerfile").read_text()) == base((root / "Dockerfile").read_text())


def test_it_has_every_package_that_a_script_would_install(root):
    named = (root / "scripts/install-libraries").read_text()
    packages = set(re.findall(r"^.*packages\+=\(([a-z][\w.-]*)\)$", named, re.MULTILINE))
    for script in (path for path in (root / "scripts").iterdir() if path.is_file()):
        for options in re.findall(r"scripts/install-libraries ([\w=/. -]+)", script.read_text(errors="replace")):
            packages |= {option.split("=")[-1] for option in options.split()}
    assert {"libcurl4-openssl-dev", "dpkg-dev", "ca-certificates"} <= packages
    installed = re.search(r"apt-get install (.*?)&&", (root / ".devcontainer/Dockerfile").read_text(), re.DOTALL)[1]
    assert packages <= set(installed.replace("\\", " ").split())


def test_its_description_can_be_read(root):
    description = json.loads((root / ".devcontainer/devcontainer.json").read_text())
    assert (root / ".devcontainer" / description["build"]["dockerfile"]).is_file()
