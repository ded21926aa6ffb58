"""Open WebUI from PyPI, in its slim variant, as a process on loopback that forgets everything."""

import json
import os
import pathlib
import secrets
import socket
import sys
import tempfile

import programs

# What keeps it from asking anybody but the proxy, and what a first visit would ask for.
SWITCHES = {
    "USE_SLIM_DOCKER": "true", "FROM_INIT_PY": "true", "OFFLINE_MODE": "true", "ENABLE_OLLAMA_API": "false",
    "WEBUI_AUTH": "false",
}  # fmt: skip


class OpenWebUI(programs.Program):
    """Its connections are pairs of a base URL and what its settings say of it; all have the same key."""

    def __init__(self, connections, key):
        self.folder = tempfile.TemporaryDirectory(prefix="open-webui-")
        folder = self.folder.name
        plain = {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}
        settings = {"DATA_DIR": folder, "WEBUI_SECRET_KEY": secrets.token_hex(32)}
        configs = {number: config for number, (_, config) in enumerate(connections)}
        settings |= {
            "OPENAI_API_BASE_URLS": ";".join(url for url, _ in connections),
            "OPENAI_API_KEYS": ";".join(key for _ in connections),
            "OPENAI_API_CONFIGS": json.dumps(configs),
        }
        # It doesn't say which port it got, so it gets one that listens already. Whoever calls early waits.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
            uvicorn = pathlib.Path(sys.executable).with_name("uvicorn")
            super().__init__(
                uvicorn, "open_webui.main:app", "--fd", listener.fileno(), "--forwarded-allow-ips", "*",
                merged=True, pass_fds=[listener.fileno()], cwd=folder,
                env={**plain, **settings, **SWITCHES},
            )  # fmt: skip

    def stop(self):
        super().stop()
        self.folder.cleanup()
