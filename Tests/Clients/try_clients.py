"""Try real clients with the compiled proxy, and write the table of docs/clients.md: try_clients.py [name …].

Each has its own virtual environment. Without names, all except the big ones are tried. The status is 1 if a check of
any client has failed; that client's row isn't changed.
"""

import contextlib
import sys
import tempfile
import time

import calls
import checks
import client_table
import programs
import provider
from client_process import Failed, Process, install
from clients import CLIENTS
from upstream import Upstream


class Attempt:
    """All checks of one client."""

    def __init__(self, client, proxy, upstream):
        self.client = client
        self.proxy = proxy
        self.upstream = upstream
        self.works = []
        self.failures = []
        self.endpoints = []
        self.errors = []
        self.strangers = []

    def run(self):
        began = time.monotonic()
        try:
            python = install(self.client)
            print(f"  installed in {time.monotonic() - began:.0f} s", flush=True)
            with tempfile.TemporaryDirectory(prefix="client-") as home:
                with contextlib.closing(Process(self.client, python, self.proxy.origin, home)) as process:
                    for check in checks.CHECKS:
                        if check.function in process.functions and check.name not in self.client.leaves_out:
                            self.one(process, check)
                    self.strangers = process.end()
        except Failed as failure:
            self.fail("run", failure)
        if self.strangers:
            self.fail("asks nobody else", f"it asks {', '.join(self.strangers)}")

    def one(self, process, check):
        self.upstream.forget()
        self.upstream.always = provider.answer
        arguments = ()
        if check.function != "environment":
            arguments = self.proxy.origin + check.base.format(suffix=self.client.suffix), check.key
        try:
            answer = process.call(check.function, *arguments)
        except Failed as failure:
            self.fail(check.name, failure)
            raise Failed(f"what follows {check.name!r} was not tried") from failure
        self.strangers = answer.pop("strangers")
        outcome = checks.Outcome([], **answer)
        while not self.upstream.saw_nothing:
            outcome.requests.append(self.upstream.request())
        self.note(check, outcome)
        try:
            check.judge(outcome)
        except (checks.Wrong, TypeError, ValueError) as wrong:
            self.fail(check.name, wrong)
        else:
            print(f"  ok    {check.name}", flush=True)
            if check.works:
                self.works.append(check.works)

    def note(self, check, outcome):
        """Note what the table shows."""
        if check.shows_error and outcome.error:
            self.errors.append(outcome.error)
        if outcome.requests and not self.endpoints:
            self.endpoints = sorted({request.target.partition("/v1/")[2] for request in outcome.requests})

    def fail(self, name, why):
        print(f"  FAILS {name}: {str(why)[:1000]}", flush=True)
        self.failures.append(name)


def spend(proxy, upstream):
    """Make the one request that the server `spent` allows in a day."""
    upstream.always = provider.answer
    assert calls.call(proxy.origin, "POST", "/spent/v1/chat/completions", calls.chat(), key=checks.KEY).status == 200


def main(names):
    known = list(dict.fromkeys(client.name for client in CLIENTS))
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"There is no client '{unknown[0]}'. There are: {', '.join(known)}.")
    chosen = [client for client in CLIENTS if client.name in names or not names and not client.is_big]
    upstream = Upstream()
    table = checks.TABLE.replace("UP", upstream.origin)
    template = programs.ROOT / "template.yaml"
    # One process counts for all limits.
    proxy = programs.FunctionURL(table, "--managed-instance", "--concurrency", 50, "--template", template)
    attempts = []
    try:
        spend(proxy, upstream)
        for number, client in enumerate(chosen, 1):
            print(f"{number} of {len(chosen)}: {client.title}", flush=True)
            attempts.append(Attempt(client, proxy, upstream))
            attempts[-1].run()
    finally:
        proxy.stop()
        upstream.close()
    client_table.write(attempts)
    failed = [f"{a.client.title}: {', '.join(a.failures)}" for a in attempts if a.failures]
    print(f"{len(attempts)} clients, {len(failed)} of which have failed. docs/clients.md has the rows of the others.")
    return "\n".join(failed) or None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
