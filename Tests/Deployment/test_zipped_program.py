"""The zip, unpacked as Lambda does it, starts behind AWS's emulator and trusts the authorities in it."""

import contextlib
import json
import os
import pathlib
import subprocess
import zipfile

import answers
import calls
import certificates
import pytest
from lambda_emulator import LambdaEmulator, event

TO_BUILD = 1200  # Seconds; if nothing has changed, it takes a few.
TABLE = """
secure: {{url: "{origin}/v1", model: m, num_retries: 0}}
settings: {{virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]}}
"""
pytestmark = pytest.mark.timeout(TO_BUILD + 60)


@pytest.fixture(scope="module")
def task(root, tmp_path_factory):
    """The files that `make zip` packed, where Lambda would put them."""
    folder = tmp_path_factory.mktemp("zip")
    variables = {name: value for name, value in os.environ.items() if name != "OPENAI_SERVERS_FILE"}
    command = [root / "scripts/zip", folder]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=TO_BUILD)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    path, size = done.stdout.splitlines()[-2].split(" bytes")[0].rsplit(": ", 1)
    assert pathlib.Path(path).stat().st_size == int(size)
    task = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            made = archive.extract(entry, task)
            (task / made).chmod(entry.external_attr >> 16 & 0o777)
    return task


def test_the_zip_has_the_launcher_the_program_the_table_licences_and_certificates(root, task):
    assert (task / "bootstrap").read_bytes() == (root / "bootstrap").read_bytes()
    assert (task / "openai_servers.yaml").read_bytes() == (root / "openai_servers.yaml").read_bytes()
    assert {path.name for path in task.iterdir()} == {
        "LICENSE",
        "bootstrap",
        "bootstrap.bin",
        "certificates",
        "licenses",
        "openai_servers.yaml",
    }
    assert {"ca-certificates", "libcurl", "libstdc++"} <= {path.name for path in (task / "licenses").iterdir()}
    command = ["env", "LC_ALL=C", "readelf", "--sections", task / "bootstrap.bin"]
    sections = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert ".text" in sections
    assert ".debug_info" not in sections and ".symtab" not in sections


@contextlib.contextmanager
def emulator(task, tmp_path, origin):
    """Start the launcher like Lambda, with the table beside it: only the task root leads to the table."""
    start = tmp_path / "start"
    start.write_text(f"#!/bin/sh\nexec env -u OPENAI_SERVERS_FILE LAMBDA_TASK_ROOT={task} {task}/bootstrap\n")
    start.chmod(0o755)
    shipped = (task / "openai_servers.yaml").read_bytes()
    program = LambdaEmulator(TABLE.format(origin=origin), task, start)
    try:
        yield program
    finally:
        program.stop()
        (task / "openai_servers.yaml").write_bytes(shipped)


def ask(program):
    return program.ask(event("POST", "/secure/v1/chat/completions", calls.chat(stream=True)))


def test_only_the_authorities_in_the_zips_folder_are_trusted(task, tmp_path, authority, secure):
    secure.always = answers.stream("Grüezi 👋")
    with emulator(task, tmp_path, secure.origin) as program:
        prelude, body = ask(program)
    assert prelude["statusCode"] == 502
    assert json.loads(body)["error"]["code"] == "upstream_tls"

    added = certificates.add_to_folder(authority, task / "certificates")
    try:
        with emulator(task, tmp_path, secure.origin) as program:
            prelude, body = ask(program)
    finally:
        added.unlink()
    assert prelude["statusCode"] == 200
    assert body == answers.stream_bytes("Grüezi 👋")
