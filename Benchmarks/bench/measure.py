"""Runs the harness, in rounds: what is compared is measured close together."""

import json
import os
import signal
import subprocess

from . import scenarios
from .paths import HARNESS
from .progress import say
from .subjects import TLS_NAME

TO_END = 60  # seconds


def run(subjects, rounds, slow_rounds, samples, only=None):
    """Adds to the samples: all scenarios, or the one that is named."""
    for number in range(rounds):
        for scenario in scenarios.ALL:
            if only not in (None, scenario.name):
                continue
            say(f"round {number + 1} of {rounds}: {scenario.title}")
            if scenario.needs_root and os.geteuid() != 0:
                continue
            for subject in subjects:
                if number < (slow_rounds if subject.is_slow_to_start else rounds):
                    _measure(subject, scenario, samples)
    return samples


def _measure(subject, scenario, samples):
    if scenario.arguments[0] == "start" and subject.kind == "direct":
        return
    if (scenario.name == "tls") != (subject.name == TLS_NAME):
        return
    if (subject.name, scenario.name) in samples.faults:
        return
    arguments = scenario.slow_arguments if subject.is_slow_to_start else scenario.arguments
    figures, fault = harness(subject, arguments)
    if fault:
        samples.fail(subject.name, scenario.name, fault)
        say(f"{subject.name}, {scenario.title}: {fault}")
        return
    # A list is of starts, several in a round: each is a sample.
    for sample in figures if isinstance(figures, list) else [figures]:
        samples.add(subject.name, scenario.name, sample)


def harness(subject, arguments, prefix=(), seconds=TO_END):
    """One run of the harness: its figures, or why there are none."""
    command = [HARNESS, *arguments, "--kind", subject.kind]
    if subject.command:
        command += ["--", *prefix, *subject.command]
    process = subprocess.Popen(
        command,
        cwd=subject.folder,
        env=subject.environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None, f"not done after {seconds} s"
    finally:
        _end_all(process)
    if process.returncode:
        return None, errors.strip().removeprefix("Error: ") or f"exit {process.returncode}"
    return json.loads(output), None


def _end_all(process):
    """The harness and whatever it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
