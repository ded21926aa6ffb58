"""scripts/build-release, with fast stand-ins for Swift, pkg-config and libcurl."""

import os
import shutil
import signal
import subprocess

import pytest
from programs import PATIENCE

SCRIPTS = "build build-function build-release build-task check-swift children.sh install-libraries zip".split()
SWIFT = """#!/bin/sh
[ -e .build-static/release/bootstrap ] && echo "the old program was there"
mkdir -p .build-static/release && echo linked >.build-static/release/bootstrap
echo "$@"
{more}
"""


@pytest.fixture
def tools(tmp_path):
    """A folder of programs at the beginning of PATH."""
    (tmp_path / "tools").mkdir()

    def tool(name, text):
        path = tmp_path / "tools" / name
        path.write_text(text)
        path.chmod(0o755)

    tool("swift", SWIFT.format(more=""))
    tool("pkg-config", "#!/bin/sh\necho '-lcrypto -ldl -pthread '\n")
    return tool


@pytest.fixture
def checkout(root, tmp_path):
    scripts = tmp_path / "a checkout" / "scripts"
    scripts.mkdir(parents=True)
    for name in SCRIPTS:
        shutil.copy(root / "scripts" / name, scripts)
    (scripts / "build-libcurl").write_text("#!/bin/sh\necho /the/libcurl\n")
    (scripts / "build-libcurl").chmod(0o755)
    (scripts.parent / "openai_servers.yaml").write_text("a: {url: 'https://a.example/v1'}\n")
    return scripts.parent


@pytest.fixture
def variables(tools, tmp_path):
    return {**os.environ, "PATH": f"{tmp_path}/tools:{os.environ['PATH']}", "VERBOSE": "1"}


def build(checkout, variables):
    command = [checkout / "scripts/build-release", "bootstrap"]
    return subprocess.run(command, env=variables, cwd="/", capture_output=True, text=True, timeout=PATIENCE)


def test_the_program_is_always_linked_again(checkout, variables):
    program = checkout / ".build-static/release/bootstrap"
    program.parent.mkdir(parents=True)
    program.write_text("of before the security update\n")
    done = build(checkout, variables)
    assert done.returncode == 0, done.stderr
    assert "the old program was there" not in done.stderr
    assert "--product bootstrap" in done.stderr and "-L/the/libcurl" in done.stderr
    assert program.read_text() == "linked\n"


@pytest.mark.parametrize("status, verbose", [(0, "0"), (0, "1"), (1, "0"), (1, "1")])
def test_the_output_of_a_build_is_shown_if_it_fails_or_on_request(checkout, variables, tools, status, verbose):
    tools("swift", f"#!/bin/sh\necho a line of the compiler\nexit {status}\n")
    done = build(checkout, {**variables, "VERBOSE": verbose})
    assert done.returncode == status
    assert "Building bootstrap (release)" in done.stderr and "\r" not in done.stderr
    assert ("a line of the compiler" in done.stderr) == (status != 0 or verbose == "1")
    if verbose == "0":
        assert (" failed after " if status else " done in ") in done.stderr


def test_without_swift_it_says_so_before_libcurl_is_built(checkout, tmp_path):
    (checkout / "scripts/build-libcurl").write_text(f"#!/bin/sh\ntouch '{tmp_path}/asked'\n")
    (tmp_path / "bin").mkdir()
    for name in ("bash", "dirname", "env", "setpriv", "sleep"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    done = build(checkout, {"PATH": str(tmp_path / "bin")})
    assert done.returncode == 1 and "Swift is missing" in done.stderr
    assert not (tmp_path / "asked").exists()


def test_a_libcrypto_with_further_dependencies_is_refused_in_a_sentence(checkout, variables, tools):
    tools("pkg-config", "#!/bin/sh\necho '-lcrypto -lz -lzstd -ldl -pthread '\n")
    done = build(checkout, variables)
    assert done.returncode == 1 and not (checkout / ".build-static").exists()
    assert "needs -lz -lzstd" in done.stderr and "Debian 12 and Ubuntu 22.04 and 24.04" in done.stderr


@pytest.mark.parametrize("script", ["build-task", "zip"])
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_build_ends_with_its_parent(checkout, variables, tools, tmp_path, script, end):
    """The FIFO's other end is closed when the last process that has it open has ended."""
    os.mkfifo(tmp_path / "alive")
    tools("swift", SWIFT.format(more=f"exec 3>'{tmp_path}/alive'; echo begun >&3; exec sleep 1000"))
    command = [checkout / "scripts" / script, tmp_path / "made"]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(tmp_path / "alive") as alive:
        assert alive.readline() == "begun\n"
        process.send_signal(end)
        assert process.wait(PATIENCE) != 0
        assert alive.read() == ""
