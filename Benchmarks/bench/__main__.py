"""Benchmarks: python -m bench measure|report|check|builds [--rounds N] [--only SCENARIO…] [--update]"""

import argparse
import os
import signal
import sys

from . import builds, check, facts, goals, measure, picture, readme, reasons, report, scenarios, setup, subjects
from .facts import Facts
from .paths import FACTS, PICTURE, RESULTS, SAMPLES
from .progress import say
from .samples import Samples

COMMANDS = (
    "measure everything and report it; report the last measurements again; check instruction counts; "
    "builds: time the first builds"
)


def main():
    parser = argparse.ArgumentParser(prog="bench", description="Measure the proxy against its peers.")
    parser.add_argument("command", choices=["measure", "report", "check", "builds"], help=COMMANDS)
    parser.add_argument("--rounds", type=int, help="how often to measure; 5 by default, 1 for builds")
    parser.add_argument("--only", nargs="+", choices=scenarios.BY_NAME, help="with measure: measure only these again")
    parser.add_argument("--update", action="store_true", help="with check: save the new counts")
    options = parser.parse_args()
    # So that the processes that were started are ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.command == "builds":
        builds.measure(options.rounds or 1)
    elif options.command == "check":
        setup.build()
        check.check(options.update)
    elif options.command == "measure":
        setup.build()
        _measure(options.rounds or 5, options.only)
    else:
        if not (SAMPLES.exists() and FACTS.exists()):
            sys.exit("There is nothing to report: run `make bench` first.")
        _write(subjects.available()[0])


def _measure(rounds, only):
    found, skipped = subjects.available()
    if os.geteuid() != 0:
        skipped.append("Start with a cold page cache: skipped, only root can drop the page cache")
    for line in skipped:
        say(line)
    samples = Samples()
    if only:
        samples = Samples.load(SAMPLES)
        for name in only:
            samples.forget(name)
    # First, because it can fail, and takes less time.
    facts.gather(found, skipped).save(FACTS)
    try:
        measure.run(found, rounds, min(3, rounds), samples, only)
    finally:
        samples.save(SAMPLES)
    _write(found)


def _write(found):
    samples, kept, why = Samples.load(SAMPLES), Facts.load(FACTS), reasons.load()
    RESULTS.write_text(report.report(samples, found, kept, why))
    PICTURE.write_text(picture.picture(samples, found))
    readme.write(samples, found)
    pages = " and ".join(readme.PAGES)
    say(f"written: {RESULTS.name} and {PICTURE.name} in {RESULTS.parent.name}, and the tables in {pages}")
    results = [*goals.results(samples, kept)]
    if warning := reasons.warning(results, why):
        say(warning)
    for key in reasons.stale(results, why):
        say(f"NOTES.md has a reason for {key}, which isn't a goal")


main()
