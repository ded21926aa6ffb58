"""scripts/build-libcurl, with a real apt, and an archive in a folder that has a source package `curl` of three files.

These tests are about the script; test_linked_program.py checks the libcurl that it really builds.
"""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import debian_archive
import pytest
from programs import PATIENCE

WITHOUT = "`make run` works without"


@pytest.fixture(scope="module")
def version():
    command = ["dpkg-query", "-W", "-f", "${source:Version}", "libcurl4-openssl-dev"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def built_name(version):
    command = ["dpkg", "--print-architecture"]
    architecture = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return f".build-libcurl-{version}-{architecture}"


@pytest.fixture
def checkout(root, tmp_path):
    """A folder with a space in its name, and only the scripts in it."""
    (tmp_path / "a checkout" / "scripts").mkdir(parents=True)
    for name in ("build-libcurl", "children.sh", "install-libraries"):
        shutil.copy(root / "scripts" / name, tmp_path / "a checkout" / "scripts")
    return tmp_path / "a checkout"


@pytest.fixture
def archive(tmp_path):
    with open("/etc/os-release") as lines:
        [suite] = re.findall("^VERSION_CODENAME=(.*)", lines.read(), re.MULTILINE)
    return debian_archive.Archive(tmp_path / "archive", suite)


def build(checkout, variables):
    return subprocess.run(
        [checkout / "scripts/build-libcurl"], env=variables, cwd="/", capture_output=True, text=True, timeout=PATIENCE
    )


def built(checkout, variables):
    """Run the script; return the folder that it prints."""
    done = build(checkout, variables)
    assert done.returncode == 0, done.stderr
    return checkout / done.stdout.rstrip("\n")


def failed(checkout, variables):
    """Run the script; return the sentence with which it fails. There must be no folder that looks complete."""
    done = build(checkout, variables)
    assert done.returncode == 1 and done.stdout == "", done.stderr
    assert set(os.listdir(checkout)) <= {"scripts", ".build-libcurl-partial"}
    sentence = done.stderr.splitlines()[-1]
    assert sentence.startswith("build-libcurl: ") and WITHOUT in sentence
    return sentence


def test_it_builds_the_installed_version_once_and_then_needs_no_network(checkout, archive, version, built_name):
    archive.offer(version)
    folder = built(checkout, archive.variables)
    assert folder == checkout / built_name
    assert {path.name for path in folder.iterdir()} == {"libcurl.a", "copyright", "build-libcurl"}
    assert (folder / "libcurl.a").read_text() == "compiled\n"
    assert set(os.listdir(checkout)) == {"scripts", folder.name}
    archive.vanish()
    assert built(checkout, archive.variables) == folder


def test_a_changed_script_builds_libcurl_again(checkout, archive, version):
    archive.offer(version)
    folder = built(checkout, archive.variables)
    (folder / "libcurl.a").write_text("of old")
    with open(checkout / "scripts/build-libcurl", "a") as script:
        script.write("# another option\n")
    assert built(checkout, archive.variables) == folder
    assert (folder / "libcurl.a").read_text() == "compiled\n"


@pytest.mark.parametrize(
    "paragraph",
    [
        "Types: deb\nURIs: file:{folder}\nSuites: {suite}-updates {suite}\nComponents: main\nTrusted: yes\n",
        "# A mirror.\ntypes: deb deb-src\nURIs: file:{folder}\nsuites: {suite}\nComponents: main\nTrusted: yes\n",
        "TYPES:\tdeb\nURIS: file:{folder}\nSUITES: {suite}\nCOMPONENTS: main\nTRUSTED: yes\n",
        "Types:\n deb\n deb-src\nURIs: file:{folder}\nSuites:\n {suite}-updates\n {suite}\nComponents: main\n"
        "Trusted: yes\n",
        "Types: deb\n# Suites: nope\n#\nURIs: file:{folder}\n#Enabled: no\nSuites: {suite}\nComponents: main\n"
        "Trusted: yes\n",
        "Types: deb-src\nURIs: file:{folder}\nSuites: {suite}\nComponents: main\nTrusted: yes\n",
    ],
)
def test_it_reads_deb822_sources_and_skips_third_party_ones(checkout, archive, version, paragraph):
    archive.offer(version)
    with socket.create_server(("127.0.0.1", 0)) as others:
        url = f"http://127.0.0.1:{others.getsockname()[1]}/"
        others.setblocking(False)
        archive.paragraphs(
            "machine.sources",
            of_others(url, f"nodistro cloud-{archive.suite} {archive.suite}-pgdg"),
            "Enabled: no\n" + of_others(url, archive.suite),
            of_others(url, "nodistro") + f"# Suites: {archive.suite}\n",
            paragraph.format(folder=archive.folder, suite=archive.suite),
        )
        built(checkout, archive.variables)
        with pytest.raises(BlockingIOError):
            others.accept()


def of_others(url, suites):
    return f"Types: deb\nURIs: {url}\nSuites: {suites}\nComponents: main\n"


def test_a_failing_third_party_source_does_not_matter(checkout, archive, version):
    archive.offer(version)
    archive.one_line(
        f"deb http://127.0.0.1:1/debian {archive.suite} main",
        "  deb   [trusted=yes] " + f"file:{archive.folder} {archive.suite} main contrib # the mirror",
    )
    built(checkout, archive.variables)


def test_without_apt_it_says_so(checkout, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/dirname").symlink_to(shutil.which("dirname"))
    assert "no apt-get" in failed(checkout, {"PATH": str(tmp_path / "bin")})


def test_without_the_network_it_says_where_apts_log_is(checkout, archive):
    archive.one_line(f"deb http://127.0.0.1:1/debian {archive.suite} main")
    assert "127.0.0.1" in log_of(failed(checkout, archive.variables))


def test_a_machine_with_only_third_party_sources_gets_an_error(checkout, archive):
    archive.one_line("deb http://127.0.0.1:1/debian nodistro main")
    assert "no archive of this release" in failed(checkout, archive.variables)


def test_it_uses_entries_that_are_only_for_sources(checkout, archive, version):
    archive.offer(version)
    archive.one_line(f"deb-src [trusted=yes] file:{archive.folder} {archive.suite} main")
    built(checkout, archive.variables)


def test_it_builds_a_newer_debian_revision_of_the_same_curl(checkout, archive, version, built_name):
    """The headers are the same, and the machine's package doesn't have to be updated for the build."""
    archive.offer(f"{version}.1")
    done = build(checkout, archive.variables)
    assert done.stdout == f"{checkout / built_name}\n", done.stderr
    assert f"taking the source of {version}.1" in done.stderr


@pytest.mark.parametrize("offered", ["{upstream}-0", "{upstream}.1-9", "1.0-1", "99.0-1"])
def test_the_error_for_a_removed_version_says_what_to_do(checkout, archive, version, offered):
    """It doesn't use an older revision, or another version of curl, instead."""
    archive.offer(offered.format(upstream=version.partition("-")[0]))
    sentence = failed(checkout, archive.variables)
    assert version in sentence and "apt-get install libcurl4-openssl-dev" in sentence


@pytest.fixture
def with_dpkg_query(archive, tmp_path):
    """The environment, with a dpkg-query that prints this."""

    def environment(text):
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/dpkg-query").write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "bin/dpkg-query").chmod(0o755)
        return {**archive.variables, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}

    return environment


@pytest.mark.parametrize("says", ["exit 0", "exit 1", "echo 'not-installed '", "echo 'config-files 7.88.1-10'"])
def test_with_headers_of_another_package_it_says_which_to_install(checkout, with_dpkg_query, says):
    sentence = failed(checkout, with_dpkg_query(says))
    assert "apt-get install libcurl4-openssl-dev" in sentence and "libcurl4-gnutls-dev" in sentence


def test_it_looks_for_the_package_of_the_machines_own_architecture(checkout, archive, version, with_dpkg_query):
    archive.offer(version)
    real = shutil.which("dpkg-query")
    both = f'case "$*" in *-dev:*) exec {real} "$@";; *) {real} "$@"; {real} "$@";; esac'
    built(checkout, with_dpkg_query(both))


def test_the_error_for_a_read_only_checkout_names_it(checkout, archive):
    alone = ["unshare", "--mount", "--map-root-user"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody make a mount of their own (unshare --mount)")
    readonly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$0/scripts/build-libcurl"'
    command = [*alone, "sh", "-c", readonly, checkout]
    done = subprocess.run(command, env=archive.variables, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1 and done.stdout == ""
    assert f"the folder {checkout} can't be written to" in done.stderr


@pytest.mark.parametrize("flags", ["n", "k -j4"])
def test_the_flags_of_a_calling_make_do_not_reach_libcurls(checkout, archive, version, flags):
    archive.offer(version)
    assert (built(checkout, {**archive.variables, "MAKEFLAGS": flags}) / "libcurl.a").read_text() == "compiled\n"


def test_a_failed_configure_leaves_its_log_and_the_next_run_starts_over(checkout, archive, version, tmp_path):
    archive.offer(version, more=f'[ -e "{tmp_path}/mended" ] || {{ echo "no good compiler"; exit 1; }}')
    sentence = failed(checkout, archive.variables)
    assert "no good compiler" in log_of(sentence)
    [details] = re.findall(r" and (/.*/config\.log)", sentence)
    assert "--disable-ftp" in pathlib.Path(details).read_text()
    (tmp_path / "mended").touch()
    built(checkout, archive.variables)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_build_is_not_taken_for_complete(checkout, archive, version, built_name, waiting, end):
    archive.offer(version, more=waiting.more)
    first = waiting.begun(checkout, archive.variables)
    first.send_signal(end)
    assert first.wait(PATIENCE) != 0
    assert not (checkout / built_name).exists()
    waiting.go_on()
    assert (built(checkout, archive.variables) / "libcurl.a").read_text() == "compiled\n"


def test_the_second_of_two_parallel_builds_uses_the_firsts_result(checkout, archive, version, built_name, waiting):
    archive.offer(version, more=waiting.more)
    first = waiting.begun(checkout, archive.variables)
    second = start(checkout, archive.variables, stderr=subprocess.PIPE)
    assert second.stderr.readline() == "Waiting for another build of libcurl\n"
    waiting.go_on()
    assert [process.communicate(timeout=PATIENCE)[0] for process in (first, second)] == [
        f"{checkout / built_name}\n"
    ] * 2
    assert waiting.times == 1


def test_a_build_that_waits_for_another_can_be_interrupted(checkout, archive, version, waiting):
    archive.offer(version, more=waiting.more)
    first = waiting.begun(checkout, archive.variables)
    second = start(checkout, archive.variables, stderr=subprocess.PIPE)
    assert second.stderr.readline() == "Waiting for another build of libcurl\n"
    second.terminate()
    second.communicate(timeout=PATIENCE)
    assert second.returncode == 143 and first.poll() is None
    waiting.go_on()
    first.communicate(timeout=PATIENCE)
    assert first.returncode == 0


class Waiting:
    """Makes configure wait while there is a FIFO."""

    def __init__(self, folder):
        self.fifo, self.count = folder / "fifo", folder / "count"
        os.mkfifo(self.fifo)
        self.more = f'echo >>"{self.count}"; if [ -p "{self.fifo}" ]; then cat "{self.fifo}"; fi'

    def begun(self, checkout, variables):
        """A build that has reached configure: opening a FIFO for writing waits for the reader."""
        process = start(checkout, variables)
        self.writer = open(self.fifo, "w")
        return process

    def go_on(self):
        self.fifo.unlink()
        self.writer.close()

    @property
    def times(self):
        return len(self.count.read_text().splitlines())


@pytest.fixture
def waiting(tmp_path):
    return Waiting(tmp_path)


def start(checkout, variables, stderr=subprocess.DEVNULL):
    command = [checkout / "scripts/build-libcurl"]
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=stderr, text=True)


def log_of(sentence):
    [path] = re.findall(r"see (/.*?/log)\b", sentence)
    return pathlib.Path(path).read_text()
