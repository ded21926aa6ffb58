"""A private network namespace with loopback and a hosts file. Run it under `unshare --net --mount`."""

import contextlib
import fcntl
import pathlib
import socket
import struct
import subprocess
import time

# From <linux/sockios.h> and <linux/if.h>.
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
IFF_UP = 1
PATIENCE = 120  # Seconds, on a busy machine.
HOSTS = pathlib.Path("/etc/hosts")
ISOLATED = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def isolated():
    """The beginning of a command that runs in a network of its own; nothing if this machine doesn't allow that."""
    for command in (ISOLATED, [*ISOLATED, "--map-root-user"]):
        if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command


def bring_up(folder):
    """Bring loopback up, and mount a hosts file over the machine's, which isn't changed."""
    with socket.socket() as any:
        request = struct.pack("16sH14x", b"lo", 0)
        _, flags = struct.unpack("16sH14x", fcntl.ioctl(any, SIOCGIFFLAGS, request))
        fcntl.ioctl(any, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost\n")
    subprocess.run(["mount", "--bind", hosts, HOSTS], check=True)


def name(host):
    """Make this name resolve to this machine."""
    with HOSTS.open("a") as hosts:
        hosts.write(f"127.0.0.1 {host}\n")


def is_served(port, is_alive):
    """Wait until something listens on this port, as long as the program that should is running."""
    deadline = time.monotonic() + PATIENCE
    while is_alive() and time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        time.sleep(0.05)
    return False
