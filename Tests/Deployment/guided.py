"""`sam deploy --guided`, answered like a user does: in a terminal, question by question."""

import contextlib
import os
import pty
import re
import select
import signal
import time

PATIENCE = 300  # Seconds for all of it, on a busy machine.
QUESTION = re.compile(r"(?P<text>\S.*?)(?P<default> \[[^\]]*\])?: $")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Failed(Exception):
    """A sentence, and the text on the screen."""


def run(command, answers, folder, environment):
    """Answer each question: from `answers` by its text, or with Return if it has a default.

    Return the questions that were asked, and the text on the screen.
    """
    process, terminal = pty.fork()
    if process == 0:
        # If anything fails here, the child must not go on as the parent.
        try:
            os.chdir(folder)
            os.execve(command[0], list(map(str, command)), environment)
        except BaseException as failure:
            os.write(2, f"{command[0]}: {failure}\n".encode())
        finally:
            os._exit(127)
    asked, screen, line = [], "", ""
    deadline = time.monotonic() + PATIENCE
    try:
        while text := _read(terminal, deadline):
            screen += text
            line = (line + text).rpartition("\n")[2]
            question = QUESTION.search(COLOURS.sub("", line))
            if question and (question["text"] in answers or question["default"]):
                asked.append(question["text"])
                os.write(terminal, answers.get(question["text"], "").encode() + b"\n")
                line = ""
        status = _ended(process, deadline)
    except BaseException as failure:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        if isinstance(failure, TimeoutError):
            raise Failed(f"it did not end within {PATIENCE} seconds:\n{screen}") from None
        raise
    finally:
        os.close(terminal)
    if status:
        raise Failed(f"it ended with status {os.waitstatus_to_exitcode(status)}:\n{screen}")
    return asked, screen


def _ended(process, deadline):
    """Return the status. A command that has closed the terminal may still be running."""
    watched = os.pidfd_open(process)
    try:
        if not select.select([watched], [], [], max(0, deadline - time.monotonic()))[0]:
            raise TimeoutError
        return os.waitpid(process, 0)[1]
    finally:
        os.close(watched)


def _read(terminal, deadline):
    """Return the next output, or nothing at the end."""
    if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
        raise TimeoutError
    try:
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:  # A terminal's error when nobody has its other end open.
        return ""
