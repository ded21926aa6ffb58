"""The file `bootstrap`, which Lambda starts, and which a person can start."""

import os
import shutil
import subprocess

import programs
import pytest

PROGRAM = '#!/bin/sh\necho "%s"; printf "<%%s>" "$@"; echo; echo "$COLOUR"; pwd; exit 7\n'


@pytest.fixture
def folder(root, tmp_path):
    """A checkout with a space in its name, and only the launcher in it."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    shutil.copy(root / "bootstrap", folder)
    return folder


def compile(folder, place):
    program = folder / place
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(PROGRAM % place)
    program.chmod(0o755)


def start(*command, cwd="/", **variables):
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True, timeout=programs.PATIENCE
    )


def first_line(done):
    return done.stdout.splitlines()[0]


@pytest.mark.parametrize("place", ["bootstrap.bin", ".build-static/release/bootstrap", ".build/debug/bootstrap"])
def test_it_starts_the_program_from_any_folder_with_arguments_and_environment(folder, place):
    compile(folder, place)
    done = start(folder / "bootstrap", "one two", "", cwd="/", COLOUR="blue")
    assert done.stdout == f"{place}\n<one two><>\nblue\n/\n"
    assert done.returncode == 7


def test_the_program_beside_it_comes_first_and_then_the_release_build(folder):
    compile(folder, ".build/debug/bootstrap")
    compile(folder, ".build-static/release/bootstrap")
    assert first_line(start(folder / "bootstrap")) == ".build-static/release/bootstrap"
    compile(folder, "bootstrap.bin")
    assert first_line(start(folder / "bootstrap")) == "bootstrap.bin"


def test_the_program_replaces_the_launcher_so_signals_reach_it(folder):
    program = folder / "bootstrap.bin"
    program.write_text("#!/bin/sh\necho $$\n")
    program.chmod(0o755)
    process = subprocess.Popen([folder / "bootstrap"], stdout=subprocess.PIPE, text=True)
    output, _ = process.communicate(timeout=programs.PATIENCE)
    assert int(output) == process.pid


@pytest.mark.parametrize("command", [["./bootstrap"], ["sh", "bootstrap"], ["sh", "./bootstrap"]])
def test_it_starts_from_its_own_folder_and_through_a_shell(folder, command):
    compile(folder, "bootstrap.bin")
    assert first_line(start(*command, cwd=folder)) == "bootstrap.bin"


def test_it_starts_through_a_symbolic_link_and_through_the_search_path(folder, tmp_path):
    compile(folder, "bootstrap.bin")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "proxy").symlink_to("../a checkout/bootstrap")
    assert first_line(start(tmp_path / "bin" / "proxy")) == "bootstrap.bin"
    search_path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    assert first_line(start("sh", "-c", "proxy", PATH=search_path)) == "bootstrap.bin"


@pytest.mark.parametrize("left_over", [None, "a folder", "a file that is not executable"])
def test_without_a_program_one_sentence_says_what_to_do(folder, left_over):
    if left_over == "a folder":
        (folder / "bootstrap.bin").mkdir()
    elif left_over:
        (folder / "bootstrap.bin").touch(0o644)
    done = start(folder / "bootstrap")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "make build" in done.stderr


def test_normally_it_starts_no_other_program(folder):
    """Each program would add about a millisecond to a cold start. With an empty search path none can be found."""
    compile(folder, "bootstrap.bin")
    assert first_line(start(folder / "bootstrap", PATH="/nowhere")) == "bootstrap.bin"


def test_it_is_marked_as_executable(root):
    assert os.access(root / "bootstrap", os.X_OK)


NAMED = {"SSL_CERT_DIR": "", "SSL_CERT_FILE": ""}


@pytest.mark.parametrize(
    ("named", "trusted"),
    [
        ({}, "<{folder}/certificates><>"),
        ({"SSL_CERT_DIR": "/mine"}, "</mine><>"),
        ({"SSL_CERT_FILE": "/mine.pem"}, "<></mine.pem>"),
    ],
)
def test_the_certificates_beside_it_are_trusted_unless_others_are_configured(folder, named, trusted):
    compile(folder, "bootstrap.bin")
    (folder / "bootstrap.bin").write_text('#!/bin/sh\necho "<$SSL_CERT_DIR><$SSL_CERT_FILE>"\n')
    assert first_line(start(folder / "bootstrap", **NAMED)) == "<><>"
    (folder / "certificates").mkdir()
    assert first_line(start(folder / "bootstrap", **{**NAMED, **named})) == trusted.format(folder=folder)
