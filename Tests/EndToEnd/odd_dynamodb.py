"""What a server in DynamoDB's place may do, for the tests of the limits' store and of the cache."""

import wire


def silent(exchange):
    exchange.until_the_other_side_leaves()


def stopping(exchange):
    """Stop within the response."""
    exchange.send(wire.head("HTTP/1.1 200 OK", [("Content-Length", 100)]) + b'{"Item')
    exchange.until_the_other_side_leaves()


def closing(exchange):
    exchange.close()


def garbage(exchange):
    """Speak another protocol."""
    exchange.send(b"SSH-2.0-OpenSSH_9.2\r\n" * 3)
    exchange.close()


def page(exchange):
    exchange.answer(200, [("Content-Type", "text/html")], b"<!doctype html><title>Welcome</title>")


def endless(exchange):
    exchange.start()
    try:
        while True:
            exchange.chunk(b" " * 65536)
    except OSError:
        exchange.close()
