"""The harness's figures from all runs."""

import collections
import json


class Samples:
    """`of(subject, scenario)` is a list of figures, one for each run; `faults` says why there are none."""

    def __init__(self):
        self._figures = collections.defaultdict(list)
        self.faults = {}
        self.again = []  # the scenarios that were measured again separately

    def add(self, subject, scenario, figures):
        self._figures[subject, scenario].append(figures)

    def fail(self, subject, scenario, fault):
        """Notes the failure, and drops the figures of earlier runs."""
        self.faults[subject, scenario] = fault
        self._figures.pop((subject, scenario), None)

    def of(self, subject, scenario):
        return self._figures[subject, scenario]

    def forget(self, scenario):
        """Drops a scenario's figures, because it will be measured again separately."""
        self.again = sorted({*self.again, scenario})
        for part in (self._figures, self.faults):
            for key in [key for key in part if key[1] == scenario]:
                del part[key]

    def save(self, path):
        figures, faults = ([[*key, value] for key, value in part.items()] for part in (self._figures, self.faults))
        path.write_text(json.dumps({"figures": figures, "faults": faults, "again": self.again}))

    @classmethod
    def load(cls, path):
        kept = json.loads(path.read_text())
        samples = cls()
        for subject, scenario, figures in kept["figures"]:
            samples._figures[subject, scenario] = figures
        samples.faults = {(subject, scenario): fault for subject, scenario, fault in kept["faults"]}
        samples.again = kept["again"]
        return samples
