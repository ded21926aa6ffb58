"""A short soak: thousands of users, each with a token of its own, take bounded memory."""

import asyncio
import collections

import answers
import issuer_tables
import pytest
import wire
from issuer_tables import backend, backend_token
from lambda_emulator import event
from lambda_process import asynchronous, running
from many_upstreams import Upstream

SLOTS = 16
FEW, MANY = 2500, 5000
MEGABYTE = 1024 * 1024
# By how much memory may grow: less than if all tokens were remembered, of which each takes about a kilobyte.
MOST = 3 * MEGABYTE
# For each user whose requests are counted, in bytes.
COUNTED = 1024


async def ask_all(api, make):
    """Send the events of many users, some at once; return how many got each status."""
    statuses = collections.Counter()
    users = iter(make)

    async def one():
        for asked in users:
            statuses[(await api.ask(asked)).status] += 1

    await asyncio.gather(*[one() for _ in range(SLOTS)])
    await api.polled(SLOTS)
    return statuses


def asks(kind, first, last):
    for number in range(first, last):
        if kind == "wrong signatures":
            yield event("GET", issuer_tables.ME, key=backend_token(f"user-{number}", secret="w" * 40))
        elif kind == "unlimited":
            yield event("GET", issuer_tables.ME, key=backend_token(f"user-{number}"))
        else:
            yield event("GET", "/server/v1/models", key=backend_token(f"user-{number}", "limited"))


def no_list(request):
    request.send(wire.head("HTTP/1.1 404 Not Found", [*answers.JSON, ("Content-Length", 2)]) + b"{}")


@pytest.mark.parametrize("kind, status", [("unlimited", 200), ("wrong signatures", 401), ("limited", 404)])
@asynchronous
async def test_users_who_have_gone_take_no_memory(kind, status):
    upstream = await Upstream.started(no_list)
    limited = backend("limited", user_limits={"rpm": 1_000_000, "tpm": 1_000_000})
    async with running(issuer_tables.table(upstream, backend(), limited), slots=SLOTS) as (api, process):
        assert await ask_all(api, asks(kind, 0, FEW)) == {status: FEW}
        before = process.resident_bytes
        assert await ask_all(api, asks(kind, FEW, FEW + MANY)) == {status: MANY}
        grown = process.resident_bytes - before
    # What users have used must be counted until the period ends, but their tokens needn't be remembered.
    allowed = MANY * COUNTED if kind == "limited" else MOST
    assert grown < allowed, f"{grown / MEGABYTE:.1f} MB"
    upstream.close()
