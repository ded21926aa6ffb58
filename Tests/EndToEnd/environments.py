"""Environments of a function that count together: several proxy processes, and a table of servers with limits."""

import asyncio
import collections
import contextlib
import json

import calls
import wire
from lambda_emulator import event
from lambda_process import running
from many_upstreams import Upstream

PROCESSES = 4
# A request that can't be counted is refused. Otherwise it would pass uncounted, and limits would be exceeded if the
# store takes longer than the proxy waits for it, as it may on a busy machine.
COUNTED_ONLY = "on_store_error: deny"
USAGE = {"prompt_tokens": 60, "completion_tokens": 40, "total_tokens": 100}
ANSWER = json.dumps({"choices": [], "usage": USAGE}).encode()
TABLE = """
server: {{url: "{up}/v1", num_retries: 0, input_cost_per_token: 0.001, output_cost_per_token: 0.001, {server}}}
settings:
  store: {{dynamodb: {{table: limits, region: {region}, endpoint: "{endpoint}"}}}}
  {settings}
  virtual_keys:
    - {{name: web, key: "${{TEST_KEY}}", {key}}}
"""
CHAT = event("POST", "/server/v1/chat/completions", calls.chat())


def answer(request):
    request.send(wire.head("HTTP/1.1 200 OK", [("Content-Type", "application/json"), ("Content-Length", len(ANSWER))]))
    request.send(ANSWER)


@contextlib.asynccontextmanager
async def environments(dynamodb, count, behaviour=answer, endpoint=None, key="rpm: 1000000", server="", settings=""):
    """Several proxy processes, each with a Runtime API of its own, that count in the same table."""
    upstream = await Upstream.started(behaviour)
    table = TABLE.format(
        up=upstream.origin, region=dynamodb.region, endpoint=endpoint or dynamodb.endpoint, key=key,
        server=server or "timeout: 60", settings=settings,
    )  # fmt: skip
    async with contextlib.AsyncExitStack() as stack:
        started = [stack.enter_async_context(running(table, **dynamodb.variables)) for _ in range(count)]
        processes = [await one for one in started]
        for number, (api, _) in enumerate(processes):
            # On Lambda request ids are unique, and leases rely on that.
            api.count = 1000 * number
        yield processes, upstream
    upstream.close()


async def hammer(apis, requests, asked=CHAT):
    """Let all processes serve as fast as they can; count the responses by status.

    A request that can't be counted at the moment is sent again, as a client would.
    """

    async def one(api, number):
        statuses = []
        while len(statuses) < number:
            response = await api.ask(asked)
            if response.status == 503 and response.code == "limits_unavailable":
                await asyncio.sleep(0.1)
            else:
                statuses.append(response.status)
        return statuses

    share = requests // len(apis)
    answers = await asyncio.gather(*[one(api, share) for api, _ in apis])
    return collections.Counter(status for statuses in answers for status in statuses)


def late_calls(processes):
    """How many calls the store didn't answer in time; it may have counted each of them or not.

    No other failure of the store is expected. Call it when the processes have ended, because then the logs are
    complete.
    """
    logs = [line for _, process in processes for line in process.log.splitlines()]
    failures = [line for line in logs if "the store of the limits has failed" in line]
    late = [line for line in failures if "did not answer within" in line]
    # After a late call the store isn't called for a while.
    assert all("is asked again after" in line for line in failures if line not in late), failures
    return len(late)


def counted(dynamodb, scope, period):
    """The sums of a scope's periods in the table."""
    total = collections.Counter()
    for name, item in dynamodb.items().items():
        if name.startswith(f"{scope}#{period}#"):
            total.update({key: value for key, value in item.items() if key in ("requests", "tokens", "cost")})
    return total
