"""HTTP/1.1 for asyncio, with a minimal parser for fast tests."""

import asyncio
import fcntl
import socket
import struct
import sys
import termios


class Messages(asyncio.Protocol):
    """One connection. A subclass gets `begins(head)`, `receives(data)`, `ends(trailers)` and `breaks_off()`.

    head ──▶ sized body ─────────────▶ head
       └───▶ chunk ──▶ … ──▶ trailers ──▶ head
    """

    def __init__(self):
        self.buffer = bytearray()
        self.step = self._head
        self.left = 0
        self.is_lost = False
        self.trailers = {}
        # Actions that wait until everything that was sent has been received.
        self.postponed = 0

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        while self.buffer and self.step():
            pass

    def connection_lost(self, error):
        self.is_lost = True
        if self.step != self._head or self.buffer:
            self.breaks_off()

    def send(self, data):
        if not self.transport.is_closing():
            self.transport.write(data)

    @property
    def unsent(self):
        """The number of bytes that the other side hasn't acknowledged."""
        queued = fcntl.ioctl(self.transport.get_extra_info("socket"), termios.TIOCOUTQ, bytes(4))
        return self.transport.get_write_buffer_size() + int.from_bytes(queued, sys.byteorder)

    def close(self):
        self.transport.close()

    def reset(self):
        """Close with RST, like a process that crashed. Everything written before is still sent."""
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _head(self):
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.buffer[:end])
        del self.buffer[: end + 4]
        lower = head.lower()
        self.step = self._sized
        self.left = 0
        if b"\r\ntransfer-encoding: chunked" in lower:
            self.step = self._chunk
        elif (at := lower.find(b"\r\ncontent-length:")) >= 0:
            self.left = int(lower[at + 17 :].split(b"\r\n", 1)[0])
        self.begins(head)
        return self.left > 0 or self.step != self._sized or self._end({})

    def _sized(self):
        data = bytes(self.buffer[: self.left])
        del self.buffer[: self.left]
        self.left -= len(data)
        self.receives(data)
        return self.left > 0 or self._end({})

    def _chunk(self):
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return False
        size = int(self.buffer[:end], 16)
        if size == 0:
            del self.buffer[: end + 2]
            self.step, self.trailers = self._trailer, {}
            return True
        if len(self.buffer) < end + size + 4:
            return False
        data = bytes(self.buffer[end + 2 : end + 2 + size])
        del self.buffer[: end + size + 4]
        self.receives(data)
        return True

    def _trailer(self):
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return False
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 2]
        if not line:
            return self._end(self.trailers)
        name, _, value = line.decode("latin-1").partition(":")
        self.trailers[name.lower()] = value.strip()
        return True

    def _end(self, trailers):
        self.step = self._head
        self.ends(trailers)
        return True

    def breaks_off(self):
        pass


def fields(head):
    """The header fields of a head, with names in lower case."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = [line.partition(":") for line in lines]
    return {name.lower(): value.strip() for name, _, value in pairs}
