"""What scripts/build-task prepares for Lambda: what the program is linked with, and where it can start."""

import os
import re
import ssl
import subprocess

import answers
import certificates
import lambda_process
import pytest
import trustme
import upstream as scripted

TO_BUILD = 1800  # Seconds for a first build; later it takes only a few.
pytestmark = pytest.mark.timeout(TO_BUILD)

# In bytes: 14.05 MB, 0.5 MB for Amazon Bedrock, 0.4 MB for the response cache, 0.4 MB for users who log in, and 0.2 MB
# for front doors besides a function URL: see "size" in Benchmarks/NOTES.md.
SIZE = 15_530_000
# The version in Lambda's `provided.al2023`.
GLIBC = (2, 34)
# Parts of symbol names: what the program doesn't need, and should not start to need.
UNWANTED = {
    "Foundation": ["10Foundation", "20FoundationEssentials", "22_FoundationCollections"],
    "BoringSSL": ["BoringSSL"],
    "Swift's regular expressions": ["12_RegexParser"],
}


@pytest.fixture(scope="module")
def task(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("build") / "a task"
    done = subprocess.run([root / "scripts/build-task", folder], capture_output=True, text=True, timeout=TO_BUILD)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return folder


@pytest.fixture(scope="module")
def program(task):
    return task / "bootstrap.bin"


@pytest.fixture(scope="module")
def unstripped(root, task):
    return root / ".build-static/release/bootstrap"


def read(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_it_needs_only_the_c_libraries(program):
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", read("readelf", "--dynamic", program)))
    loader = {name for name in needed if name.startswith("ld-linux-")}
    assert needed - loader == {"libc.so.6", "libm.so.6", "libgcc_s.so.1"}


def test_it_starts_with_lambdas_oldest_glibc(program):
    versions = set(re.findall(r"Name: GLIBC_(\S+)", read("readelf", "--version-info", program)))
    assert versions
    # Packed relocations, which need 2.36 and have a version with letters.
    assert not {version for version in versions if not re.fullmatch(r"[\d.]+", version)}
    assert "(RELR)" not in read("readelf", "--dynamic", program)
    newer = {version for version in versions if tuple(map(int, version.split(".")))[:2] > GLIBC}
    assert not newer, f"newer than {GLIBC}: {newer}"


def test_it_is_position_independent(program):
    assert "DYN (Position-Independent Executable file)" in read("readelf", "--file-header", program)
    assert re.search(r"FLAGS_1.*\bPIE\b", read("readelf", "--dynamic", program))


@pytest.mark.parametrize("what", UNWANTED)
def test_nothing_unused_is_linked_in(unstripped, what):
    names = {line.split()[-1] for line in read("nm", unstripped).splitlines()}
    assert "SSL_has_pending" in names and len(names) > 10_000  # The program has symbols.
    found = sorted(name for name in names if any(part in name for part in UNWANTED[what]))
    assert not found, f"{len(found)} symbols of {what}, such as {found[:3]}"


def test_it_is_small(program):
    assert program.stat().st_size <= SIZE


def test_the_functions_of_the_built_libcurl_are_in_it(root, unstripped):
    folder = read(root / "scripts/build-libcurl").strip()
    ours = {line.split()[-1] for line in read("nm", f"{folder}/libcurl.a").splitlines() if " T " in line}
    linked = {line.split()[-1] for line in read("nm", unstripped).splitlines() if " t " in line}
    assert {"curl_multi_socket_action", "curl_easy_pause"} <= ours & linked


def test_the_launcher_the_table_and_the_licences_are_beside_it_and_readable(task, root):
    files = {str(path.relative_to(task)): path for path in task.rglob("*") if path.is_file()}
    licences = {"libcurl", "libssl", "libstdc++", "libyaml", "swift", "swift-http-types", "swift-log", "zlib"}
    assert set(files) == {"bootstrap", "bootstrap.bin", "openai_servers.yaml", "LICENSE"} | {
        f"licenses/{name}" for name in licences
    }
    for name in ("bootstrap", "openai_servers.yaml", "LICENSE"):
        assert files[name].read_bytes() == (root / name).read_bytes()
    for name in licences:
        assert re.search("copyright|apache license", files[f"licenses/{name}"].read_text(), re.IGNORECASE), name
    for path in [task, *task.rglob("*")]:
        wanted = 0o555 if path.is_dir() or path.name.startswith("bootstrap") else 0o444
        assert path.stat().st_mode & wanted == wanted, path


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_it_calls_with_tls_and_does_not_read_openssl_cnf(program, monkeypatch, tmp_path, version):
    """A FIFO without a writer: opening it for reading waits forever."""
    os.mkfifo(tmp_path / "openssl.cnf")
    authority = trustme.CA()
    context = certificates.server_context(authority)
    context.minimum_version = context.maximum_version = version
    monkeypatch.setattr("programs.BOOTSTRAP", program)
    variables = {"OPENSSL_CONF": str(tmp_path / "openssl.cnf"), **certificates.trusting(authority, tmp_path)}

    @lambda_process.asynchronous
    async def call(secure):
        table = lambda_process.table(secure=(f"{secure.origin}/v1", "model: m"))
        async with lambda_process.running(table, **variables) as (api, _):
            answer = await api.ask(lambda_process.chat("secure", "one", stream=False))
            assert answer.status == 200, answer.raw

    secure = scripted.Upstream(tls=context)
    try:
        secure.script(answers.plain({"id": "a"}))
        call(secure)
    finally:
        secure.close()
