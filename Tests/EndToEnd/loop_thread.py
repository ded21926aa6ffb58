"""An event loop in a thread, for tests that are not asynchronous."""

import asyncio
import threading

import programs


class LoopThread:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def run(self, coroutine):
        """Return the coroutine's result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(programs.PATIENCE)

    def call(self, function, *arguments):
        """Call a function soon."""
        self.loop.call_soon_threadsafe(function, *arguments)

    def __exit__(self, *_):
        self.call(self.loop.stop)
        self.thread.join(programs.PATIENCE)
        self.loop.close()
