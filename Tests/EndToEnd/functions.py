"""The compiled program as one or two Lambda functions, for tests that aren't asynchronous."""

import asyncio
import concurrent.futures
import contextlib

import doors
import lambda_process
import programs
import runtime_api
from loop_thread import LoopThread


class Function:
    """The program and its Runtime API, which runs in a thread."""

    def __init__(self, thread, api, process):
        self.thread = thread
        self.api = api
        self.process = process

    def ask(self, event, **options):
        """Send an event, and return its Answer. A process that ends fails the test at once."""
        asked = asyncio.run_coroutine_threadsafe(self.api.ask(event, **options), self.thread.loop)
        for _ in range(programs.PATIENCE):
            with contextlib.suppress(concurrent.futures.TimeoutError):
                return asked.result(1)
            assert self.process.process.poll() is None, f"the program ended:\n{self.process.finished_log()[-4000:]}"
        raise AssertionError(f"no answer to {event}")

    def serves_on(self):
        """The same process answers a good request of each kind of door."""
        assert self.process.process.poll() is None
        for door in doors.DOORS:
            answer = self.ask(door.event("GET", "/health", key=None))
            assert b'"status":"ok"' in answer.raw.replace(b"\\", b""), answer.raw


@contextlib.contextmanager
def serving(table, slots=1, **variables):
    with LoopThread() as thread:
        program = lambda_process.running(table, slots, **variables)
        api, process = thread.run(program.__aenter__())
        try:
            yield Function(thread, api, process)
        finally:
            thread.run(program.__aexit__(None, None, None))


def failed_start(table, **variables):
    """Start the program, which must refuse this; return what it said."""
    with runtime_api.serving() as (_, api):
        process = lambda_process.LambdaProcess(table, api.address, **variables)
        try:
            said = process.finished_log()
        finally:
            process.stop()
    (told,) = api.init_errors
    assert process.process.returncode not in (0, 2)
    assert told.failure["errorType"] == "Function.InvalidConfiguration"
    return told.failure["errorMessage"] + said


class Functions:
    """The same table behind all doors: one function buffers for REST APIs, the other one streams."""

    def __init__(self, buffering, streaming):
        self.buffering = buffering
        self.streaming = streaming

    def behind(self, door):
        return self.streaming if door.rest_transfer == "stream" else self.buffering

    def answer(self, door, *request, **options):
        """The Answer to a request through this door."""
        return self.behind(door).ask(door.event(*request, **options))

    def call(self, door, *request, **options):
        """The response to a request through this door, with the arguments of `Door.event`."""
        return door.response(self.answer(door, *request, **options))


@contextlib.contextmanager
def behind_all_doors(table, **variables):
    with (
        serving(table, **variables) as buffering,
        serving(table, PROXY_REST_TRANSFER="stream", **variables) as streaming,
    ):
        yield Functions(buffering, streaming)
