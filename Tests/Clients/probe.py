"""The part of a run inside a client's own virtual environment: probe.py FILE.

It waits for lines such as `{"function": "plain", "arguments": [url, key]}`, calls that function of the file, and writes
what it returned or raised. Only loopback can be reached: look-ups of other hosts are refused and recorded.
"""

import atexit
import json
import os
import runpy
import socket
import sys


class Loopback:
    """Replaces the resolver."""

    def __init__(self):
        self.strangers = set()
        self.resolve = socket.getaddrinfo
        socket.getaddrinfo = self

    def __call__(self, host, *arguments, **options):
        if host in (None, "localhost", "127.0.0.1", b"127.0.0.1", "::1"):
            return self.resolve(host, *arguments, **options)
        self.strangers.add(str(host))
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is not asked in a test")


def main(file):
    # The output of a client must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    loopback = Loopback()  # Before the client is imported.
    functions = runpy.run_path(file)

    def say(**fields):
        print(json.dumps({**fields, "strangers": sorted(loopback.strangers)}), file=answers, flush=True)

    say(functions=[name for name in functions if callable(functions[name])])
    for line in sys.stdin:
        call = json.loads(line)
        try:
            say(value=functions[call["function"]](*call["arguments"]))
        except BaseException as error:  # Some clients exit the program.
            say(error=type(error).__name__, text=str(error))
    # Work that clients do at exit is included, such as sending telemetry.
    atexit._run_exitfuncs()
    say()


if __name__ == "__main__":
    main(sys.argv[1])
