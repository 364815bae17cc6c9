"""Verdicts of Optuna's pruners on made-up learning curves, as a fixture of packages/search/test/pruner.

    python bench/peers/pruner_verdicts.py > packages/search/test/pruner/golden/optuna.json
"""

import json
import random

import optuna
from optuna.pruners import MedianPruner, SuccessiveHalvingPruner

optuna.logging.set_verbosity(optuna.logging.ERROR)

TRIALS, STEPS = 50, 30

CASES = [
    ("successive-halving", {"reductionFactor": 3, "minimumResource": 1, "bracket": 0},
     lambda: SuccessiveHalvingPruner(min_resource=1, reduction_factor=3, min_early_stopping_rate=0)),
    ("successive-halving", {"reductionFactor": 2, "minimumResource": 3, "bracket": 1},
     lambda: SuccessiveHalvingPruner(min_resource=3, reduction_factor=2, min_early_stopping_rate=1)),
    ("median", {"startupTrials": 5, "warmupSteps": 0, "intervalSteps": 1, "minimumTrials": 1},
     lambda: MedianPruner(n_startup_trials=5, n_warmup_steps=0, interval_steps=1, n_min_trials=1)),
    ("median", {"startupTrials": 2, "warmupSteps": 4, "intervalSteps": 5, "minimumTrials": 3},
     lambda: MedianPruner(n_startup_trials=2, n_warmup_steps=4, interval_steps=5, n_min_trials=3)),
]


def curves(seed):
    """One list of values a trial, of steps 1, 2, ...; a few are NaN."""
    generator = random.Random(seed)
    result = []
    for _ in range(TRIALS):
        end, speed = generator.random(), generator.uniform(0.5, 2)
        points = []
        for step in range(1, STEPS + 1):
            value = round(end + speed / step + generator.gauss(0, 0.03), 3)
            points.append(float("nan") if generator.random() < 0.004 else value)
        result.append(points)
    return result


def run(make_pruner, direction, trials, width):
    """The step at which each trial is pruned, or None; `width` trials advance in turn, as workers would."""
    study = optuna.create_study(direction=direction, pruner=make_pruner())
    waiting, running, ends = list(range(len(trials))), [], [None] * len(trials)
    while waiting or running:
        while waiting and len(running) < width:
            running.append((waiting.pop(0), study.ask(), 0))
        still = []
        for index, trial, at in running:
            step, value = at + 1, trials[index][at]
            trial.report(value, step)
            last = at + 1 == len(trials[index])
            if last:
                finite = value if value == value else 0.0
                study.tell(trial, finite)
            elif trial.should_prune():
                ends[index] = step
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            else:
                still.append((index, trial, at + 1))
        running = still
    return ends


def main():
    cases = []
    for number, (name, settings, make) in enumerate(CASES):
        for direction, width in [("minimize", 1), ("maximize", 4)]:
            trials = curves(number * 10 + width)
            cases.append({
                "pruner": name, "settings": settings, "direction": direction, "workers": width,
                "curves": [[None if value != value else value for value in values] for values in trials],
                "prunedAt": run(make, direction, trials, width),
            })
    print(json.dumps({"optuna": optuna.__version__, "cases": cases}, separators=(",", ":")))


if __name__ == "__main__":
    main()
