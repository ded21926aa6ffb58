"""A provider with two addresses: if the first is dead, the second is used."""

import asyncio
import os
import pathlib
import socket

import lambda_process
import programs
import pytest
import well
from lambda_process import asynchronous, chat, running
from many_upstreams import Connection, Upstream

DEAD, WELL = "127.0.0.2", "127.0.0.3"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give the program a hosts file of its own")


@pytest.fixture
def two_addresses(tmp_path, monkeypatch):
    """The program looks up names in its own hosts file."""
    hosts = tmp_path / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{DEAD} two.test\n{WELL} two.test\n")
    program = tmp_path / "bootstrap"
    mounted = f"mount --bind {hosts} /etc/hosts && exec {pathlib.Path(programs.BOOTSTRAP).resolve()}"
    program.write_text(f"#!/bin/sh\nexec unshare -m sh -c '{mounted}'\n")
    program.chmod(0o755)
    monkeypatch.setattr(programs, "BOOTSTRAP", program)


class DeadAddress:
    """Accepts no connection: its queue is full, so that whoever connects gets no answer."""

    def __init__(self, port):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((DEAD, port))
        self.listener.listen(0)
        self.queued = []
        for _ in range(3):
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex((DEAD, port))
            self.queued.append(caller)

    def close(self):
        for one in (self.listener, *self.queued):
            one.close()


async def well_upstream():
    upstream = Upstream(well.healthy)
    loop = asyncio.get_running_loop()
    upstream.server = await loop.create_server(lambda: Connection(upstream), WELL, 0)
    upstream.port = upstream.server.sockets[0].getsockname()[1]
    return upstream


@asynchronous
async def test_the_second_address_is_tried_if_the_first_is_dead(two_addresses):
    upstream = await well_upstream()
    dead = DeadAddress(upstream.port)
    table = lambda_process.table(server=(f"http://two.test:{upstream.port}/v1", "num_retries: 0"))
    async with running(table) as (api, _):
        answer = await api.ask(chat("server", "x"))
        assert (answer.status, answer.body) == (200, well.stream_body("x"))
        assert (upstream.connections, upstream.requests) == (1, 1)
    dead.close()
    upstream.close()
