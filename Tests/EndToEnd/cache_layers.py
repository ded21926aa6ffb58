"""What the tests of the slower layers of the cache have in common."""

import contextlib
import pathlib
import random
import stat

import caching
from caching import ask

TABLE = """
cached:
  {{url: "{up}/v1", num_retries: 0,
    cache: {{ttl: {ttl}, layers: [{layers}], max_entry_bytes: {longest}}}}}
settings:
  {settings}
  virtual_keys: [{{name: tests, key: "${{TEST_KEY}}"}}]
"""
# JSON that doesn't compress well: in DynamoDB, it needs several items.
BIG = random.Random(1).randbytes(500_000).hex() + "".join(random.Random(2).choices("abcdefghijkl+/ÄÖ😀", k=200_000))


def table(upstream, layers="tmp", ttl=3600, settings="deadline_margin: 1", longest=4_000_000):
    return TABLE.format(up=upstream.origin, layers=layers, ttl=ttl, settings=settings, longest=longest)


def settle(proxy):
    """Wait until what the proxy has to write behind its last response is written: it takes one request at a time."""
    assert ask(proxy, caching.chat(), control="only-if-cached").status == 504


def files(folder):
    return [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]


def size(folder):
    """In bytes. The proxy may remove a file after it was listed."""
    total = 0
    for path in pathlib.Path(folder).rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            status = path.lstat()
            total += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return total


def is_asked_again(proxy, upstream, body):
    """The caller gets the provider's answer, which is stored in place of what couldn't be used."""
    missing = ask(proxy, body, control="only-if-cached")
    assert (missing.status, missing.error["code"]) == (504, "not_in_cache")
    caching.answers_once(upstream, "new")
    response = ask(proxy, body)
    assert caching.text(response) == "new" and caching.source(response) in ("uri-miss", "stale")
    upstream.request()


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
