"""scripts/build-libcurl, with a real apt, from an archive in a folder that has a source package `curl` of three files.

The libcurl that it really builds is what test_linked_program.py looks into; here it is about the script.
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
    """With a blank in its name, and nothing in it but the scripts."""
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
    """The folder that it prints."""
    done = build(checkout, variables)
    assert done.returncode == 0, done.stderr
    return checkout / done.stdout.rstrip("\n")


def failed(checkout, variables):
    """The sentence with which it ends; nothing may be taken for built."""
    done = build(checkout, variables)
    assert done.returncode == 1 and done.stdout == "", done.stderr
    assert set(os.listdir(checkout)) <= {"scripts", ".build-libcurl-partial"}
    sentence = done.stderr.splitlines()[-1]
    assert sentence.startswith("build-libcurl: ") and WITHOUT in sentence
    return sentence


def test_it_builds_the_version_that_is_installed_and_then_needs_no_network(checkout, archive, version, built_name):
    archive.offer(version)
    folder = built(checkout, archive.variables)
    assert folder == checkout / built_name
    assert {path.name for path in folder.iterdir()} == {"libcurl.a", "copyright", "build-libcurl"}
    assert (folder / "libcurl.a").read_text() == "compiled\n"
    assert set(os.listdir(checkout)) == {"scripts", folder.name}
    archive.vanish()
    assert built(checkout, archive.variables) == folder


def test_another_way_of_building_is_another_library(checkout, archive, version):
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
def test_it_reads_paragraphs_of_sources_and_passes_by_what_is_not_the_distributions(
    checkout, archive, version, paragraph
):
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


def test_a_source_of_others_that_fails_does_not_matter(checkout, archive, version):
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


def test_without_the_network_it_says_where_apt_has_written_why(checkout, archive):
    archive.one_line(f"deb http://127.0.0.1:1/debian {archive.suite} main")
    assert "127.0.0.1" in log_of(failed(checkout, archive.variables))


def test_a_machine_whose_sources_are_all_of_others_is_told(checkout, archive):
    archive.one_line("deb http://127.0.0.1:1/debian nodistro main")
    assert "no archive of this release" in failed(checkout, archive.variables)


def test_it_takes_sources_that_are_named_for_sources_alone(checkout, archive, version):
    archive.offer(version)
    archive.one_line(f"deb-src [trusted=yes] file:{archive.folder} {archive.suite} main")
    built(checkout, archive.variables)


def test_when_debian_has_a_newer_one_of_the_same_curl_it_is_that(checkout, archive, version, built_name):
    """The headers are the same; and the machine's package need not be moved for the build."""
    archive.offer(f"{version}.1")
    done = build(checkout, archive.variables)
    assert done.stdout == f"{checkout / built_name}\n", done.stderr
    assert f"taking the source of {version}.1" in done.stderr


@pytest.mark.parametrize("offered", ["{upstream}-0", "{upstream}.1-9", "1.0-1", "99.0-1"])
def test_a_version_that_debian_no_longer_has_is_named_with_the_way_out(checkout, archive, version, offered):
    """Neither an older one nor one of another curl is taken for it."""
    archive.offer(offered.format(upstream=version.partition("-")[0]))
    sentence = failed(checkout, archive.variables)
    assert version in sentence and "apt-get install libcurl4-openssl-dev" in sentence


@pytest.fixture
def with_dpkg_query(archive, tmp_path):
    """The environment with a dpkg-query that says this."""

    def environment(text):
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/dpkg-query").write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "bin/dpkg-query").chmod(0o755)
        return {**archive.variables, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}

    return environment


@pytest.mark.parametrize("says", ["exit 0", "exit 1", "echo 'not-installed '", "echo 'config-files 7.88.1-10'"])
def test_where_the_headers_are_of_another_package_it_says_which_to_install(checkout, with_dpkg_query, says):
    sentence = failed(checkout, with_dpkg_query(says))
    assert "apt-get install libcurl4-openssl-dev" in sentence and "libcurl4-gnutls-dev" in sentence


def test_of_several_architectures_it_asks_for_the_machines_own(checkout, archive, version, with_dpkg_query):
    archive.offer(version)
    real = shutil.which("dpkg-query")
    both = f'case "$*" in *-dev:*) exec {real} "$@";; *) {real} "$@"; {real} "$@";; esac'
    built(checkout, with_dpkg_query(both))


def test_a_checkout_that_cannot_be_written_to_is_named(checkout, archive):
    alone = ["unshare", "--mount", "--map-root-user"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody make a mount of their own (unshare --mount)")
    readonly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$0/scripts/build-libcurl"'
    command = [*alone, "sh", "-c", readonly, checkout]
    done = subprocess.run(command, env=archive.variables, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1 and done.stdout == ""
    assert f"the folder {checkout} can't be written to" in done.stderr


@pytest.mark.parametrize("flags", ["n", "k -j4"])
def test_flags_of_a_make_that_calls_it_are_not_for_libcurls(checkout, archive, version, flags):
    archive.offer(version)
    assert (built(checkout, {**archive.variables, "MAKEFLAGS": flags}) / "libcurl.a").read_text() == "compiled\n"


def test_of_a_configure_that_fails_the_log_is_kept_and_the_next_run_begins_anew(checkout, archive, version, tmp_path):
    archive.offer(version, more=f'[ -e "{tmp_path}/mended" ] || {{ echo "no good compiler"; exit 1; }}')
    sentence = failed(checkout, archive.variables)
    assert "no good compiler" in log_of(sentence)
    [details] = re.findall(r" and (/.*/config\.log)", sentence)
    assert "--disable-ftp" in pathlib.Path(details).read_text()
    (tmp_path / "mended").touch()
    built(checkout, archive.variables)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_was_ended_midway_is_not_taken_for_whole(checkout, archive, version, built_name, waiting, end):
    archive.offer(version, more=waiting.more)
    first = waiting.begun(checkout, archive.variables)
    first.send_signal(end)
    assert first.wait(PATIENCE) != 0
    assert not (checkout / built_name).exists()
    waiting.go_on()
    assert (built(checkout, archive.variables) / "libcurl.a").read_text() == "compiled\n"


def test_of_two_builds_at_once_the_second_takes_what_the_first_makes(checkout, archive, version, built_name, waiting):
    archive.offer(version, more=waiting.more)
    first = waiting.begun(checkout, archive.variables)
    second = start(checkout, archive.variables, stderr=subprocess.PIPE)
    assert second.stderr.readline() == "Waiting for another build of libcurl\n"
    waiting.go_on()
    assert [process.communicate(timeout=PATIENCE)[0] for process in (first, second)] == [
        f"{checkout / built_name}\n"
    ] * 2
    assert waiting.times == 1


def test_a_build_that_waits_for_another_ends_when_it_is_told_to(checkout, archive, version, waiting):
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
    """Has configure wait, while there is a FIFO."""

    def __init__(self, folder):
        self.fifo, self.count = folder / "fifo", folder / "count"
        os.mkfifo(self.fifo)
        self.more = f'echo >>"{self.count}"; if [ -p "{self.fifo}" ]; then cat "{self.fifo}"; fi'

    def begun(self, checkout, variables):
        """A build that has come to configure: whoever opens a FIFO to write waits for the reader."""
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
