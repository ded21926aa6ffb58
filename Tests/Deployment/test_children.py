"""The programs that a script starts with `scripts/children.sh` don't outlive it."""

import os
import shutil
import signal
import subprocess


def test_a_program_whose_script_dies_before_it_starts_is_not_run(root, tmp_path):
    """The kernel is asked to end both together only after the fork. Here the script is killed in between."""
    os.mkfifo(tmp_path / "gate")
    setpriv = tmp_path / "setpriv"
    setpriv.write_text(f"#!/bin/sh\ncat '{tmp_path}/gate'\nexec {shutil.which('setpriv')} \"$@\"\n")
    setpriv.chmod(0o755)
    script = f"source '{root}/scripts/children.sh'\nrun echo 'the program has run'\n"
    variables = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen(["bash", "-c", script], env=variables, stdout=subprocess.PIPE, text=True) as process:
        with open(tmp_path / "gate", "w"):
            process.send_signal(signal.SIGKILL)
            process.wait()
        # Everything that has this pipe open ends.
        assert process.stdout.read() == ""
