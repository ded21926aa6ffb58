"""A Lambda custom runtime that shows its events and answers as each request says. It knows nothing of the proxy.

Headers of the request, in any case:
  x-answer    the bytes of the response in base64; `mangum` for a web application's; absent for the event itself
  x-mode      how they are posted: `buffered` or `streaming`; the default is what the door wants
  x-gate      a port: all that follows the first byte of the body waits until a connection to it ends
"""

import base64
import contextlib
import http.client
import json
import os
import socket
import sys

VERSION = "/2018-06-01/runtime"
STREAMING = {
    "Lambda-Runtime-Function-Response-Mode": "streaming",
    "Content-Type": "application/vnd.awslambda.http-integration-response",
}
END_OF_PRELUDE = bytes(8)
MODE = "streaming" if os.environ.get("PROXY_REST_TRANSFER") == "stream" else "buffered"


def headers_of(event):
    """The last value of each header, under a lower-case name."""
    lists = event.get("multiValueHeaders") or {name: [value] for name, value in event["headers"].items()}
    return {name.lower(): values[-1] for name, values in lists.items()}


def echo(event, mode):
    """An answer that every door can read, with the event and the variables of the proxy."""
    shown = {"event": event, "variables": {k: v for k, v in os.environ.items() if k.startswith("PROXY_")}}
    head = {"statusCode": 200, "headers": {"content-type": "application/json"}}
    if mode == "streaming":
        return json.dumps(head).encode() + END_OF_PRELUDE + json.dumps(shown).encode()
    lists = {"multiValueHeaders": {"content-type": ["application/json"]}}
    return json.dumps({**head, **lists, "body": json.dumps(shown)}).encode()


async def application(scope, receive, send):
    """A web application that shows its request and sets two cookies."""
    message = await receive()
    shown = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
        "body": base64.b64encode(message["body"]).decode(),
        "client": scope["client"],
    }
    fields = [(b"content-type", b"application/json"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    await send({"type": "http.response.start", "status": 201, "headers": fields})
    await send({"type": "http.response.body", "body": json.dumps(shown).encode()})


def application_answer(event):
    import asyncio

    import mangum

    asyncio.set_event_loop(asyncio.new_event_loop())
    return json.dumps(mangum.Mangum(application, lifespan="off")(event, None)).encode()


def answer(event, headers, mode):
    match headers.get("x-answer"):
        case None:
            return echo(event, mode)
        case "mangum":
            return application_answer(event)
        case encoded:
            return base64.b64decode(encoded)


def pieces(body, mode, gate):
    """The response in two pieces, with the gate between them. A buffered one is all in the second.

    The gate may be closed already when the runtime arrives there.
    """
    middle = body.find(END_OF_PRELUDE) + len(END_OF_PRELUDE) + 1 if mode == "streaming" else 0
    yield body[:middle]
    if gate:
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", int(gate))) as waiting:
            waiting.recv(1)
    yield body[middle:]


def post(connection, request_id, headers, body, mode, gate):
    fields = {**(STREAMING if mode == "streaming" else {}), "Lambda-Runtime-Invocation-Id": headers["nonce"]}
    path = f"{VERSION}/invocation/{request_id}/response"
    chunks = (piece for piece in pieces(body, mode, gate) if piece)
    connection.request("POST", path, chunks, fields, encode_chunked=True)
    reply = connection.getresponse()
    reply.read()
    print(f"response {request_id}: {reply.status}", file=sys.stderr, flush=True)


def main():
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        connection.request("GET", f"{VERSION}/invocation/next")
        following = connection.getresponse()
        event = json.load(following)
        headers = headers_of(event)
        mode = headers.get("x-mode", MODE)
        headers["nonce"] = following.headers["Lambda-Runtime-Invocation-Id"]
        request_id = following.headers["Lambda-Runtime-Aws-Request-Id"]
        post(connection, request_id, headers, answer(event, headers, mode), mode, headers.get("x-gate"))


if __name__ == "__main__":
    main()
