"""Many invocations with the cache on: each caller gets the right answer, and nothing grows beyond its bound."""

import asyncio
import collections
import pathlib
import random

import answers
import calls
import faults
import lambda_process
import refusals
import well
import wire
from cache_layers import size
from lambda_emulator import event
from lambda_process import asynchronous, running
from many_upstreams import SSE, Upstream

INVOCATIONS, AT_ONCE, NAMES = 3000, 32, 150
MEGABYTE = 1024 * 1024
MEMORY, TMP = 2 * MEGABYTE, 3 * MEGABYTE
# What a process may grow by after the first half, with full layers: fragments and the 2 MB that it keeps.
GROWTH = 6 * MEGABYTE
SETTINGS = f"settings: {{cache: {{layers: [memory, tmp], memory_bytes: {MEMORY}, tmp_bytes: {TMP}}}, "
FAULTS = [faults.reset_before_head, faults.reset_midway, faults.end_early, refusals.error_inside]


def padding(name):
    """About 20 kB that belong to this name only."""
    return random.Random(name).randbytes(10_000).hex()


class Provider:
    """Answers with the name and much text; each name's first request meets a fault."""

    def __init__(self):
        self.asked = collections.Counter()

    def __call__(self, request):
        kind = f"{request.name} {request.is_stream}"
        self.asked[kind] += 1
        if self.asked[kind] == 1 and int(request.name) % 3 == 0:
            return FAULTS[int(request.name) // 3 % len(FAULTS)](request)
        if request.is_stream:
            return request.send(SSE + wire.chunk(stream(request.name)) + wire.LAST_CHUNK)
        return request.send(well.whole(200, plain(request.name)))


def stream(name):
    text = padding(name)
    return answers.stream_bytes(name, *[text[at : at + 1000] for at in range(0, len(text), 1000)])


def plain(name):
    return well.plain_body(name + padding(name))


class Soak:
    def __init__(self, api, process, folder):
        self.api = api
        self.process = process
        self.folder = folder
        self.random = random.Random(1)
        self.left = INVOCATIONS
        self.counts = collections.Counter()
        self.halfway = None

    async def work(self):
        while self.left:
            self.left -= 1
            # Some names are asked for far more often than others.
            name, is_stream = str(int(NAMES * self.random.random() ** 2)), self.random.random() < 0.5
            await self.one(name, is_stream)
            if self.left == INVOCATIONS // 2:
                self.halfway = self.process.resident_bytes, self.process.descriptors

    async def one(self, name, is_stream):
        body = calls.chat(stream=is_stream, name=name, messages=[{"role": "user", "content": name}])
        invocation = self.api.invoke(event("POST", "/server/v1/chat/completions", body))
        if self.random.random() < 0.05:
            await invocation.begun
            if not invocation.answer.done():  # Otherwise the connection may carry the next invocation.
                invocation.connection.transport.abort()
                self.counts["gone"] += 1
                return
        answer = await invocation.answer
        if answer.kind == "cut" or answer.failure or answer.status != 200:
            self.counts["failed"] += 1
            return
        assert answer.body == (stream if is_stream else plain)(name), f"{name}: {answer.body[:200]}"
        headers = {key.lower(): value for key, value in answer.prelude["headers"].items()}
        self.counts[headers["x-cache"]] += 1

    @property
    def on_disk(self):
        return size(self.folder)


@asynchronous
async def test_three_thousand_invocations_of_which_most_are_hits(tmp_path):
    provider = Provider()
    upstream = await Upstream.started(provider)
    options = "num_retries: 0, keepalive_seconds: 0, cache: true"
    table = lambda_process.table(server=(upstream, options)).replace("settings: {", SETTINGS)
    folder = pathlib.Path(tmp_path)
    async with running(table, AT_ONCE, TMPDIR=str(folder)) as (api, process):
        soak = Soak(api, process, folder)
        await asyncio.gather(*[soak.work() for _ in range(AT_ONCE)])
        await api.polled(AT_ONCE)
        memory, descriptors = soak.halfway
        at_end = process.resident_bytes, process.descriptors
        sizes = f"{memory / MEGABYTE:.1f} MB, then {at_end[0] / MEGABYTE:.1f} MB of memory"
        print(dict(soak.counts), f"{upstream.requests} requests, {soak.on_disk} bytes of files, {sizes}")
        assert sum(soak.counts.values()) == INVOCATIONS
        assert soak.counts["HIT"] > INVOCATIONS / 2 and soak.counts["MISS"] > NAMES
        # Each name fails at most once as a stream and once plain, and so do those that were waiting with it.
        assert soak.counts["failed"] < INVOCATIONS / 10
        assert 0 < soak.on_disk <= TMP
        assert at_end[0] <= memory + GROWTH
        assert at_end[1] <= descriptors + 2 * AT_ONCE
    upstream.close()
