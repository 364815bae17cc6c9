"""Made-up learning curves, and trials that advance along them in turn until somebody stops them."""

import json
import random

TRIALS, STEPS = 40, 30


def curves(seed, direction):
    """One list of values a trial, of steps 1, 2, ..., that get better; a few are NaN."""
    generator = random.Random(seed)
    result = []
    for _ in range(TRIALS):
        end, speed = generator.random(), generator.uniform(0.5, 2)
        points = []
        for step in range(1, STEPS + 1):
            loss = end + speed / step + generator.gauss(0, 0.03)
            value = round(loss if direction == "minimize" else 1 - loss, 3)
            points.append(float("nan") if generator.random() < 0.004 else value)
        result.append(points)
    return result


def race(trials, width, begin, report, stop, finish):
    """The step at which each trial is stopped, or None; `width` trials advance in turn, as workers would.

    `begin()` makes a trial, `report(trial, step, value)` says whether it is to be stopped, though the last step is not judged,
    `stop(trial)` and `finish(trial, value)` end it.
    """
    waiting, running, ends = list(range(len(trials))), [], [None] * len(trials)
    while waiting or running:
        while waiting and len(running) < width:
            running.append((waiting.pop(0), begin(), 0))
        still = []
        for index, trial, at in running:
            step, value = at + 1, trials[index][at]
            hopeless = report(trial, step, value)
            if step == len(trials[index]):
                finish(trial, value if value == value else 0.0)
            elif hopeless:
                ends[index] = step
                stop(trial)
            else:
                still.append((index, trial, step))
        running = still
    return ends


def fixture(peer, version, cases, ends_of):
    """The JSON text of a fixture: `cases` are (pruner, settings, whatever `ends_of` needs), each run both ways."""
    ways = [("minimize", 1), ("minimize", 4), ("maximize", 1), ("maximize", 4)]
    sets = [curves(seed, direction) for seed, (direction, _) in enumerate(ways)]
    results = []
    for number, (pruner, settings, own) in enumerate(cases):
        for chosen in (number % 2, 3 - number % 2):
            direction, width = ways[chosen]
            results.append({
                "pruner": pruner, "settings": settings, "direction": direction, "workers": width, "curves": chosen,
                "prunedAt": ends_of(own, direction, sets[chosen], width),
            })
    plain = [[[None if value != value else value for value in values] for values in trials] for trials in sets]
    return json.dumps({"peer": peer, "version": version, "curves": plain, "cases": results}, separators=(",", ":"))
