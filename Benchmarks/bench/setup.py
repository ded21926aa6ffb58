"""Builds the subjects and the harness."""

import hashlib
import shutil
import subprocess
import venv

from .paths import BENCHMARKS, BUILD, ENVIRONMENT, FLOOR, OWN_FLOOR, PEERS, PROXY, PROXY_WITH_NAMES, ROOT
from .progress import say


def build():
    """The harness, the floors, and the program as it is deployed."""
    subprocess.run([ROOT / "scripts" / "install-libraries", "valgrind"], check=True)
    say("building the harness and the floor")
    build = [ROOT / "scripts" / "build", "--configuration", "release", "--package-path", BENCHMARKS]
    subprocess.run(build, check=True, cwd=ROOT)
    say("building the proxy as it is deployed")
    subprocess.run([ROOT / "scripts" / "build-task", PROXY.parent], check=True)
    program = ROOT / ".build-static" / "release" / "bootstrap"
    subprocess.run(["strip", "--strip-debug", "-o", PROXY_WITH_NAMES, program], check=True)
    _link_own_floor()


def _link_own_floor():
    """Links the floor's object file with the proxy's libcurl and OpenSSL instead of Debian's."""
    say("linking the floor with the proxy's libcurl")
    command = [ROOT / "scripts" / "build-libcurl"]
    libcurl = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    static = ROOT / "Sources" / "bootstrap" / "Linking" / "Static"
    link = ["clang", "-fuse-ld=lld", "-Wl,--gc-sections", "-o", OWN_FLOOR, FLOOR.parent / "floor.build" / "main.c.o"]
    subprocess.run([*link, f"-L{libcurl}", f"-L{static}", "-lcurl", "-lssl", "-lcrypto"], check=True)


def install(peer):
    """Makes a venv for a peer. Returns its folder, or the reason why there is none."""
    requirements = PEERS / peer / "requirements.txt"
    folder = BUILD / "venvs" / peer
    stamp = folder / hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    if stamp.exists():
        return folder, None
    say(f"installing {peer}")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        venv.create(folder, with_pip=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", "-q", "-r"]
        subprocess.run([*pip, requirements], check=True, capture_output=True, text=True, env=ENVIRONMENT)
    except (subprocess.CalledProcessError, OSError) as error:
        words = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        return None, f"pip: {words[-1]}"
    stamp.touch()
    return folder, None
