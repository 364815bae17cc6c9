"""Optuna's side of the search benchmarks, one measurement a request.

{"task": "run", "storage": "memory" | "sqlite", "trials", "folder"} -> {"seconds"}: a study of that many trials with a random
sampler and three parameters.
{"task": "ask", "history", "asks"} -> {"seconds"}: that many suggestions in an in-memory study that has so many finished trials.
"""

import itertools
import math
import os
import time

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from protocol import serve

optuna.logging.disable_default_handler()
optuna.logging.set_verbosity(optuna.logging.ERROR)

SPACE = {
    "x": FloatDistribution(-5, 10),
    "units": IntDistribution(1, 64),
    "kind": CategoricalDistribution(["a", "b", "c"]),
}
numbers = itertools.count()


def objective(trial):
    x = trial.suggest_float("x", -5, 10)
    units = trial.suggest_int("units", 1, 64)
    kind = trial.suggest_categorical("kind", ["a", "b", "c"])
    return (x - 1) ** 2 + math.log(units) + len(kind)


def run(request):
    folder = request.get("folder")
    path = os.path.join(folder, f"optuna-{next(numbers)}.db") if request["storage"] == "sqlite" else None
    start = time.perf_counter()
    study = optuna.create_study(
        storage=f"sqlite:///{path}" if path else None, sampler=optuna.samplers.RandomSampler(seed=1)
    )
    opened = time.perf_counter()
    study.optimize(objective, n_trials=request["trials"])
    return {"seconds": time.perf_counter() - opened, "open_seconds": opened - start}


studies = {}


def ask(request):
    history = request["history"]
    if history not in studies:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
        sampler = optuna.samplers.RandomSampler(seed=2)
        study.add_trials(
            optuna.trial.create_trial(
                params={name: sampler.sample_independent(study, None, name, d) for name, d in SPACE.items()},
                distributions=SPACE,
                value=float(i % 97),
            )
            for i in range(history)
        )
        studies[history] = study
    study = studies[history]
    asked = []
    start = time.perf_counter()
    for _ in range(request["asks"]):
        asked.append(study.ask(SPACE))
    seconds = time.perf_counter() - start
    for trial in asked:
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    return {"seconds": seconds}


TASKS = {"run": run, "ask": ask}

serve({"name": "Optuna", "version": optuna.__version__}, lambda request: TASKS[request["task"]](request))
