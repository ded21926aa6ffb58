"""Builds what is measured and what measures."""

import hashlib
import shutil
import subprocess
import venv

from .paths import BENCHMARKS, BUILD, ENVIRONMENT, PEERS, PROXY, PROXY_WITH_NAMES, ROOT
from .progress import say


def build():
    """The harness, the floor, and the program as it is deployed."""
    subprocess.run([ROOT / "scripts" / "install-libraries", "valgrind"], check=True)
    say("building the harness and the floor")
    swift_build("--package-path", BENCHMARKS)
    say("building the proxy as it is deployed")
    swift_build("--static-swift-stdlib", "--scratch-path", ROOT / ".build-static", "--product", "bootstrap")
    program = ROOT / ".build-static" / "release" / "bootstrap"
    subprocess.run(["strip", "-o", PROXY, program], check=True)
    subprocess.run(["strip", "--strip-debug", "-o", PROXY_WITH_NAMES, program], check=True)


def swift_build(*options):
    command = [ROOT / "scripts" / "build", "--configuration", "release", *options]
    subprocess.run(command, check=True, cwd=ROOT)


def install(peer):
    """Makes a venv of a peer's own. Gives its folder, or why there is none."""
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
