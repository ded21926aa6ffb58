"""The end of a process, and until when an assertion about it holds.

After SIGTERM or a failed poll, open requests have a fixed time: see `Sources/LambdaRuntime/Shutdown.swift`. On a busy
machine it can run out before the process or the test gets the CPU. The process then cancels requests that the test
wants to see served, as documented, and the test must be repeated.
"""

import asyncio
import contextlib
import functools
import time

# Seconds from SIGTERM or the failure on: open requests are canceled, responses are abandoned, the process exits.
CANCEL, ABANDON, EXIT = 0.25, 0.4, 0.45
# Seconds between the attempts of a poll that is reset each time: see `Sources/LambdaRuntime/Runtime.swift`.
RESET_PAUSES = 0.01 + 0.05 + 0.25
# Even next to many busy processes, at least one of so many attempts is fast enough.
ATTEMPTS = 30


class TooLate(Exception):
    """An assertion failed after the time in which it holds."""


class Ending:
    """The end of a process. Make it right before the cause; the process notices it `pauses` seconds later or more."""

    def __init__(self, api, process, pauses=0):
        self.api = api
        self.began = time.monotonic() + pauses
        self.log = asyncio.ensure_future(asyncio.to_thread(process.finished_log))

    @contextlib.contextmanager
    def before(self, seconds):
        """Assert what holds if the process and the test come this far in so many seconds."""
        try:
            yield
        except Exception as error:
            if time.monotonic() - self.began < seconds:
                raise
            raise TooLate from error

    async def answer(self, invocation):
        """The Answer to an open invocation; it fails if the process ends without one."""
        await asyncio.wait([invocation.answer, self.log], return_when=asyncio.FIRST_COMPLETED)
        # The connections' last bytes may still have to be read.
        while self.api.connections and not invocation.answer.done():
            await asyncio.sleep(0.001)
        assert invocation.answer.done(), f"{invocation.id} has no answer:\n{await self.log}"
        return invocation.answer.result()

    async def whole(self, invocation, body):
        """Assert that an open stream still ends as it should."""
        with self.before(CANCEL):
            answer = await self.answer(invocation)
            assert (answer.kind, answer.failure) == ("response", None)
            assert answer.body == body


def repeated(test):
    """Repeat a test, at most ATTEMPTS times, until the machine is fast enough for what it asserts."""

    @functools.wraps(test)
    def repeat(*arguments, **named):
        for _ in range(ATTEMPTS - 1):
            with contextlib.suppress(TooLate):
                return test(*arguments, **named)
        return test(*arguments, **named)

    return repeat
