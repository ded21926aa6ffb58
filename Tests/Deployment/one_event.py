"""The Runtime API in a thread, with a single event."""

import asyncio
import contextlib
import queue

import runtime_api


class OneEvent:
    """`outcome` gets the program's Answer; a test that watches the program may put its end there instead."""

    def __init__(self, address):
        self.address = address
        self.outcome = queue.Queue()


@contextlib.contextmanager
def serving(event):
    with runtime_api.serving() as (thread, api):
        one = OneEvent(api.address)

        async def answered():
            one.outcome.put(await api.ask(event))

        asking = thread.run(begun(answered()))
        yield one
        thread.call(asking.cancel)


async def begun(coroutine):
    return asyncio.ensure_future(coroutine)
