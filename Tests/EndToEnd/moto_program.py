"""moto's server as a program: AWS on loopback. It prints its address, and ends when it is told to."""

import threading

from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server


class OneAtATime:
    """Serve one request at a time: moto compares and changes an item in two steps, DynamoDB in one."""

    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        with self.lock:
            return list(self.app(environ, start_response))


if __name__ == "__main__":
    app = OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    print(f"AWS: http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
