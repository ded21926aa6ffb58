"""AWS's event stream encoding (application/vnd.amazon.eventstream), written here; botocore's decoder checks it."""

import json
import struct
import zlib

from botocore.eventstream import EventStreamBuffer

MEDIA_TYPE = "application/vnd.amazon.eventstream"
# The types of a header's value, by their numbers: how many bytes follow, or the format of the length in front of them.
FIXED = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
BYTES, STRING = 6, 7


def header(name, value, kind=STRING):
    """One header; `value` is text, or the bytes of another kind."""
    data = value.encode() if isinstance(value, str) else value
    assert kind in (BYTES, STRING) or len(data) == FIXED[kind]
    length = struct.pack(">H", len(data)) if kind in (BYTES, STRING) else b""
    return struct.pack(">B", len(name)) + name.encode() + struct.pack(">B", kind) + length + data


def message(headers, payload):
    """A message: two lengths and their CRC, the headers, the payload, and the CRC of everything."""
    prelude = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
    head = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return head + struct.pack(">I", zlib.crc32(head))


def event(name, value, more=b""):
    """An event as Bedrock sends it, with its headers in the same order. `more` are other headers."""
    return message(_headers("event", name) + more, json.dumps(value, separators=(",", ":")).encode())


def exception(name, text, **more):
    return message(_headers("exception", name), json.dumps({"message": text, **more}).encode())


def error(code, text):
    """An error that the protocol has beside exceptions: it has no payload."""
    named = {":error-code": code, ":error-message": text, ":message-type": "error"}
    return message(b"".join(header(name, value) for name, value in named.items()), b"")


def _headers(kind, name):
    named = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    return b"".join(header(name, value) for name, value in named.items())


def decoded(data):
    """The messages that botocore finds in these bytes, which must be whole: [(headers, payload), …]."""
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    messages = list(buffer)
    assert sum(found.prelude.total_length for found in messages) == len(data), data
    return [(found.headers, found.payload) for found in messages]


def with_wrong_crc(data, of_prelude=False):
    """The message with a bit of a CRC flipped."""
    place = 8 if of_prelude else len(data) - 1
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def with_length(data, length):
    """The beginning of a message that says it is so long, with a CRC that fits."""
    prelude = struct.pack(">I", length) + data[4:8]
    return prelude + struct.pack(">I", zlib.crc32(prelude)) + data[12:]
