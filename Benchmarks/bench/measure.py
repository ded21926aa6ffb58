"""Runs the harness in rounds, so that subjects that are compared are measured close together."""

import json
import os
import signal
import subprocess
import time

from . import scenarios
from .pace import Pace
from .paths import HARNESS, PACE
from .progress import say

TO_END = 45  # seconds; the slowest run that ends takes 20 on an idle machine


def run(subjects, rounds, slow_rounds, samples, only=None):
    """Adds samples for all scenarios, or only for the named ones."""
    planned = [*_plan(subjects, rounds, slow_rounds, only)]
    pace = Pace.load([(subject.name, scenario.name) for _, scenario, subject in planned], PACE)
    under_way = None
    for number, scenario, subject in planned:
        if (number, scenario) != under_way:
            under_way = (number, scenario)
            left = pace.left()
            about = "" if left is None else f", about {left / 60:.0f} min left"
            say(f"round {number + 1} of {rounds}: {scenario.title}{about}")
        begun = time.monotonic()
        _measure(subject, scenario, samples)
        pace.done((subject.name, scenario.name), time.monotonic() - begun)
    pace.save(PACE)
    return samples


def _plan(subjects, rounds, slow_rounds, only):
    """The runs, with those that are compared next to each other: round, scenario, subject."""
    for number in range(rounds):
        for scenario in scenarios.ALL:
            if (only and scenario.name not in only) or (scenario.needs_root and os.geteuid() != 0):
                continue
            for subject in subjects:
                if takes(subject, scenario) and number < (slow_rounds if subject.is_slow_to_start else rounds):
                    yield number, scenario, subject


def takes(subject, scenario):
    """Whether the scenario is run with the subject."""
    if scenario.arguments[0] == "start" and subject.kind == "direct":
        return False
    return scenario.name in subject.only + subject.also if subject.only or scenario.is_for_some else True


def _measure(subject, scenario, samples):
    if (subject.name, scenario.name) in samples.faults:
        return
    if (subject.name, scenario.harder_than) in samples.faults:
        easier = scenarios.BY_NAME[scenario.harder_than].title
        return samples.fail(subject.name, scenario.name, f"not tried, since it couldn't do {easier}")
    arguments = scenario.slow_arguments if subject.is_slow_to_start else scenario.arguments
    figures, fault = harness(subject, arguments)
    if fault:
        samples.fail(subject.name, scenario.name, fault)
        say(f"{subject.name}, {scenario.title}: {fault}")
        return
    if subject.has_cache and scenario.may_hit and figures["chunks"]:
        return samples.fail(subject.name, scenario.name, "its cache doesn't answer a request like this")
    # A list has several starts of one round: each is a sample.
    for sample in figures if isinstance(figures, list) else [figures]:
        samples.add(subject.name, scenario.name, sample)


def harness(subject, arguments, prefix=(), seconds=TO_END):
    """Runs the harness once. Returns its figures, or the reason why there are none."""
    command = [HARNESS, *arguments, *subject.arguments, "--kind", subject.kind]
    if subject.command:
        variables = ["/usr/bin/env", *subject.variables] if subject.variables else []
        command += ["--", *variables, *prefix, *subject.command]
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
    """Ends the harness and everything it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
