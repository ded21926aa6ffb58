"""The compiled program, with a Runtime API that the test plays."""

import asyncio
import concurrent.futures
import contextlib
import functools
import os
import pathlib
import resource
import tempfile

import calls
import programs
import runtime_api
from lambda_emulator import event


class LambdaProcess(programs.Program):
    """`bootstrap` with this table of servers, as Lambda starts it."""

    def __init__(self, table, address, slots=1, **variables):
        self.folder = tempfile.TemporaryDirectory(prefix="proxy-test-")
        servers = pathlib.Path(self.folder.name) / "openai_servers.yaml"
        servers.write_text(table)
        variables = {
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_MAX_CONCURRENCY": str(slots),
            "OPENAI_SERVERS_FILE": str(servers),
            "TEST_KEY": calls.KEY,
            **variables,
        }
        super().__init__(programs.BOOTSTRAP, merged=True, env=programs.environment(**variables))

    @property
    def resident_bytes(self):
        return programs.resident_bytes(self.process.pid)

    @property
    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        super().stop()
        self.folder.cleanup()


@contextlib.asynccontextmanager
async def running(table, slots=1, **variables):
    """The program and its Runtime API, as soon as every slot polls."""
    api = await runtime_api.RuntimeAPI.started()
    process = LambdaProcess(table, api.address, slots, **variables)
    polled = asyncio.ensure_future(api.polled(slots))
    # A thread of its own: the event loop's threads could all be waiting for processes, with none left to stop one.
    watcher = concurrent.futures.ThreadPoolExecutor(1)
    ended = asyncio.get_running_loop().run_in_executor(watcher, process.process.wait)
    try:
        await asyncio.wait([polled, ended], return_when=asyncio.FIRST_COMPLETED)
        assert polled.done(), f"the program ended before its first poll:\n{process.finished_log()}"
        yield api, process
        assert not api.faults, api.faults
    finally:
        await asyncio.to_thread(process.stop)
        watcher.shutdown()
        api.close()


def allow_descriptors(count):
    """Let this process and its children open so many files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard >= count, f"needs {count} descriptors, may have {hard}"
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))


def table(**servers):
    """A table of servers: `name=upstream`, or `name=(upstream or URL, "more: options")`."""
    lines = []
    for name, server in servers.items():
        place, options = server if isinstance(server, tuple) else (server, "")
        url = place if isinstance(place, str) else f"{place.origin}/v1"
        lines.append(f'{name}: {{url: "{url}"{options and ", "}{options}}}\n')
    key = '{name: tests, key: "${TEST_KEY}"}'
    return "".join(lines) + f"settings: {{virtual_keys: [{key}]}}\n"


def chat(server, name, stream=True):
    """The event of a chat completion with its name in it."""
    return event("POST", f"/{server}/v1/chat/completions", calls.chat(stream=stream, name=name))


def asynchronous(test):
    """Run a test that is a coroutine function."""

    @functools.wraps(test)
    def run(*arguments, **named):
        asyncio.run(asyncio.wait_for(test(*arguments, **named), programs.LONG_PATIENCE))

    return run
