"""The Runtime API in a thread, with one event to give out."""

import asyncio
import contextlib
import queue

from loop_thread import LoopThread
from runtime_api import RuntimeAPI


class OneEvent:
    """`outcome` gets the program's Answer; whoever watches the program may put its end there."""

    def __init__(self, address):
        self.address = address
        self.outcome = queue.Queue()


@contextlib.contextmanager
def serving(event):
    with LoopThread() as thread:
        api = thread.run(RuntimeAPI.started())
        one = OneEvent(api.address)

        async def answered():
            one.outcome.put(await api.ask(event))

        asking = thread.run(begun(answered()))
        yield one
        thread.call(asking.cancel)
        thread.call(api.close)


async def begun(coroutine):
    return asyncio.ensure_future(coroutine)
