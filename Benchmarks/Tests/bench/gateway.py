"""A gateway with a known fault for the harness to find: gateway.py VICE

VICE: none, delay (each piece is 20 ms late), drop (one chunk of each answer is missing), burn (100 ms of processor time
for each request), leave (ends inside an answer), cache (repeats the answer to the same body).
"""

import http.client
import http.server
import os
import sys
import time

DELAY, BURN = 0.02, 0.1  # seconds
VICE = sys.argv[1]
CACHE = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if VICE == "burn":
            end = time.process_time() + BURN
            while time.process_time() < end:
                pass
        if body in CACHE:
            return self.answer(CACHE[body])
        upstream = http.client.HTTPConnection("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
        upstream.request("POST", "/v1/chat/completions", body)
        lines = upstream.getresponse()
        if VICE == "cache":
            lines = CACHE[body] = lines.readlines()
        self.answer(lines)
        upstream.close()

    def answer(self, lines):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        chunks = 0
        for line in lines:
            chunks += b"@" in line
            if VICE == "drop" and b"@" in line and chunks == 2:
                continue
            if VICE == "leave" and chunks == 2:
                os._exit(3)
            if VICE == "delay":
                time.sleep(DELAY)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["GATEWAY_PORT"])), Handler).serve_forever()
