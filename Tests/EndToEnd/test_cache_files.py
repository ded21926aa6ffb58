"""The layer `tmp` of the cache: files survive a restart, and whatever is in the folder harms nobody."""

import os
import pathlib
import random

import answers
import cache_answers
import caching
import pytest
import records
from cache_layers import BIG, files, flipped, is_asked_again, settle, size, table
from caching import ask

MEGABYTE = 1024 * 1024
SMALL = f"cache: {{tmp_bytes: {MEGABYTE}}}"
STREAM = {"stream": True, "stream_options": {"include_usage": True}}


@pytest.mark.parametrize("script", [True, False], ids=["stream", "plain"])
def test_files_survive_a_restart(upstream, tmp_path, script):
    body = caching.chat(**(STREAM if script else {}))
    upstream.script(answers.pieces(cache_answers.EVENTS) if script else answers.plain(cache_answers.COMPLETION))
    servers, variables = table(upstream, "memory, tmp"), {"TMPDIR": str(tmp_path)}
    with caching.proxy(servers, **variables) as proxy:
        first = ask(proxy, body)
        assert (caching.source(first), caching.source(ask(proxy, body))) == ("uri-miss", "memory")
    assert [path.parent.name for path in files(tmp_path)] == ["lambda-openai-proxy-cache"]
    upstream.request()
    with caching.proxy(servers, **variables) as proxy:
        again = ask(proxy, body)
        assert caching.source(again) == "tmp" and again.body == first.body
        assert caching.content_fields(again) == caching.content_fields(first)
        record = records.of(proxy, again)
        assert (record["cache.layer"], record["cache_saved_tokens"]) == ("tmp", 18)
        assert caching.source(ask(proxy, body)) == "memory"
    assert upstream.saw_nothing


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def on_disk(start, session_upstream, folder):
    """A proxy that keeps nothing in memory, so that it reads the file each time."""
    return start(table(session_upstream), TMPDIR=str(folder))


@pytest.fixture
def stored(on_disk, upstream, folder):
    """A request, and the file with its response."""
    settle(on_disk)
    before = set(files(folder))
    body = caching.chat()
    caching.answers_once(upstream, "good" + "x" * 100)
    assert caching.source(ask(on_disk, body)) == "uri-miss"
    # The file is written behind the last byte, but before the next request is taken.
    assert caching.source(ask(on_disk, body)) == "tmp"
    (file,) = set(files(folder)) - before
    upstream.request()
    return body, file


SPOILED = {
    "empty": lambda data: b"",
    "one byte": lambda data: data[:1],
    "text": lambda data: b"This is not an entry.\n",
    "zeros": lambda data: bytes(len(data)),
    "long": lambda data: bytes(8_000_000),
    "random": lambda data: random.Random(3).randbytes(len(data)),
    "one byte more": lambda data: data + b"\0",
    "twice": lambda data: data + data,
    "backwards": lambda data: data[::-1],
    "largest lengths": lambda data: data[:8] + b"\xff" * 16 + data[24:],
    **{
        f"cut at {share}/8": lambda data, share=share: data[: len(data) * share // 8] for share in range(1, 8)
    },
    "cut by one": lambda data: data[:-1],
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_file_is_a_miss_and_is_removed(on_disk, upstream, stored, how):
    body, file = stored
    file.write_bytes(SPOILED[how](file.read_bytes()))
    missing = ask(on_disk, body, control="only-if-cached")
    assert missing.status == 504 and not file.exists()
    is_asked_again(on_disk, upstream, body)
    assert caching.text(ask(on_disk, body)) == "new"


def test_the_bytes_of_a_file_are_checked(on_disk, upstream, stored):
    body, file = stored
    data = file.read_bytes()
    # Every third, and all at both ends, because each takes a request.
    places = [place for place in range(len(data)) if place % 3 == 0 or min(place, len(data) - place) < 64]
    for place in places:
        file.write_bytes(flipped(data, place))
        response = ask(on_disk, body, control="only-if-cached")
        assert response.status == 504, f"byte {place} of {len(data)} doesn't matter: {response.body}"
    file.write_bytes(data)
    assert caching.text(ask(on_disk, body)) == "good" + "x" * 100


def test_the_file_of_another_request_is_a_miss(on_disk, upstream, stored):
    _, other = stored
    body = caching.chat()
    before = {path: path.read_bytes() for path in files(other.parent)}
    caching.answers_once(upstream, "the right one")
    ask(on_disk, body)
    assert caching.source(ask(on_disk, body)) == "tmp"
    upstream.request()
    (file,) = set(files(other.parent)) - set(before)
    file.write_bytes(other.read_bytes())
    is_asked_again(on_disk, upstream, body)


STRANGE = {
    "a folder": lambda file: file.mkdir(),
    "a folder with a file": lambda file: (file.mkdir(), (file / "x").write_bytes(b"x")),
    "a pipe that nobody writes to": lambda file: os.mkfifo(file),
    "a link to nowhere": lambda file: file.symlink_to("/nowhere/at/all"),
    "a link to itself": lambda file: file.symlink_to(file),
    "a link to an endless device": lambda file: file.symlink_to("/dev/zero"),
    "a link to a file of someone else": lambda file: file.symlink_to("/etc/passwd"),
}


@pytest.mark.parametrize("how", STRANGE)
def test_what_is_not_a_file_is_a_miss_and_harms_nobody(on_disk, upstream, stored, how):
    body, file = stored
    file.unlink()
    passwd = pathlib.Path("/etc/passwd").read_bytes()
    STRANGE[how](file)
    is_asked_again(on_disk, upstream, body)
    assert pathlib.Path("/etc/passwd").read_bytes() == passwd
    caching.answers_once(upstream, "next")
    assert caching.text(ask(on_disk, body)) in ("new", "next")


def test_files_of_others_stay_where_they_are(upstream, tmp_path):
    mine = tmp_path / "mine"
    mine.write_bytes(b"x" * 100_000)
    with caching.proxy(table(upstream, settings=SMALL, longest=100_000), TMPDIR=str(tmp_path)) as proxy:
        for _ in range(20):
            caching.answers_once(upstream, BIG[:90_000])
            assert ask(proxy, caching.chat()).status == 200
    assert mine.read_bytes() == b"x" * 100_000


def test_the_folder_never_holds_more_than_the_table_says(upstream, tmp_path):
    """Before a restart, and after it."""
    bodies = [caching.chat() for _ in range(60)]
    for part in (bodies[:30], bodies[30:]):
        with caching.proxy(table(upstream, settings=SMALL, longest=100_000), TMPDIR=str(tmp_path)) as proxy:
            for body in part:
                caching.answers_once(upstream, BIG[:90_000])
                assert ask(proxy, body).status == 200
                assert size(tmp_path) <= MEGABYTE
            assert caching.source(ask(proxy, part[-1])) == "tmp"
            assert ask(proxy, bodies[0], control="only-if-cached").status == 504
    assert MEGABYTE / 2 < size(tmp_path)


def no_folder(path):
    (path / "lambda-openai-proxy-cache").write_text("a file is in the way")


PLACES = {"/proc": None, "/dev/null": None, "/nowhere/at/all": None, "a file in the way": no_folder}


@pytest.mark.parametrize("place", PLACES)
def test_a_folder_that_cannot_be_written_only_logs(upstream, tmp_path, place):
    if PLACES[place]:
        PLACES[place](tmp_path)
    with caching.proxy(table(upstream), TMPDIR=place if place.startswith("/") else str(tmp_path)) as proxy:
        body = caching.chat()
        for text in ("first", "second"):
            caching.answers_once(upstream, text)
            response = ask(proxy, body)
            assert (caching.text(response), caching.source(response)) == (text, "uri-miss")
        log = proxy.log_where(lambda log: "cache" in "".join(records.others(log)), "cache")
        assert len(records.others(log)) < 8, log


def test_a_folder_that_is_lost_is_made_again_or_only_logs(upstream, tmp_path):
    with caching.proxy(table(upstream), TMPDIR=str(tmp_path)) as proxy:
        caching.answers_once(upstream)
        body = caching.chat()
        assert ask(proxy, body).status == 200
        settle(proxy)
        for file in files(tmp_path):
            file.unlink()
        (tmp_path / "lambda-openai-proxy-cache").rmdir()
        is_asked_again(proxy, upstream, body)


def test_two_processes_share_a_folder(upstream, tmp_path):
    servers, variables = table(upstream, "memory, tmp"), {"TMPDIR": str(tmp_path)}
    with caching.proxy(servers, **variables) as one, caching.proxy(servers, **variables) as other:
        for first, second in [(one, other), (other, one)]:
            body = caching.chat()
            caching.answers_once(upstream, "Hello")
            assert caching.source(ask(first, body)) == "uri-miss"
            settle(first)
            assert [caching.source(ask(second, body)) for _ in range(2)] == ["tmp", "memory"]
