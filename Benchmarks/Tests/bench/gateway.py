"""A gateway with a known fault for the harness to find: gateway.py VICE

VICE: none, delay (each piece is 20 ms late), drop (one chunk of each answer is missing), burn (100 ms of processor time
for each request), leave (ends inside an answer).
"""

import http.client
import http.server
import os
import sys
import time

DELAY, BURN = 0.02, 0.1  # seconds
VICE = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if VICE == "burn":
            end = time.process_time() + BURN
            while time.process_time() < end:
                pass
        upstream = http.client.HTTPConnection("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
        upstream.request("POST", "/v1/chat/completions", body)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        answer = upstream.getresponse()
        chunks = 0
        while line := answer.readline():
            chunks += b"@" in line
            if VICE == "drop" and b"@" in line and chunks == 2:
                continue
            if VICE == "leave" and chunks == 2:
                os._exit(3)
            if VICE == "delay":
                time.sleep(DELAY)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.write(b"0\r\n\r\n")
        upstream.close()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["GATEWAY_PORT"])), Handler).serve_forever()
