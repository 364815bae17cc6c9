"""What Weights & Biases' `sweeps` package suggests, as fixtures of packages/search/test/sampler/wandb-bayes.

    python bench/peers/wandb_bayes_fixtures.py > packages/search/test/sampler/wandb-bayes/golden/sweeps.json

Needs a Python with `sweeps`. Each case is a sweep with its runs: what the package takes their places in the unit cube and their outcomes
for (to be minimised), the length scale it fits, and for some candidates the mean and the standard deviation that it predicts, in the
metric's units, and the expected improvement, in standard deviations of the outcomes.
"""

import importlib.metadata
import json
import warnings

import numpy as np
from sweeps import SweepRun
from sweeps.bayes_search import _construct_gp_data, next_sample, train_gaussian_process

warnings.filterwarnings("ignore")

FLOATS = {"x": {"min": -1.0, "max": 3.0}, "y": {"min": 0.0, "max": 1.0}}
TRAINING = {
    "rate": {"distribution": "log_uniform_values", "min": 1e-5, "max": 1.0},
    "layers": {"min": 1, "max": 6},
    "optimizer": {"values": ["sgd", "momentum", "adam"]},
}
OTHERS = {
    "share": {"distribution": "beta", "a": 2, "b": 5},
    "width": {"distribution": "q_uniform", "min": 30, "max": 50, "q": 5},
    "noise": {"distribution": "normal", "mu": 2, "sigma": 0.5},
    "scale": {"distribution": "log_normal", "mu": -1, "sigma": 0.5},
    "decay": {"distribution": "inv_log_uniform_values", "min": 0.001, "max": 10},
    "batch": {"distribution": "q_log_uniform_values", "min": 8, "max": 512, "q": 8},
}


def bowl(run):
    return (run["x"] - 1.3) ** 2 + np.sin(3 * run["y"])


def accuracy(run):
    bonus = {"sgd": 0.0, "momentum": 0.1, "adam": 0.15}[run["optimizer"]]
    return 0.7 - 0.05 * (np.log10(run["rate"]) + 2.5) ** 2 - 0.02 * (run["layers"] - 4) ** 2 + bonus


def mixture(run):
    return run["share"] + (run["noise"] - 2.2) ** 2 + 0.1 * np.log(run["decay"]) ** 2 + run["width"] / 50 + run["scale"] / run["batch"]


def huge(run):
    return 1e6 * (run["x"] + 2 * run["y"])


def flat(run):
    return 0.25


CASES = [
    {"name": "two floats", "parameters": FLOATS, "metric": {"goal": "minimize"}, "value": bowl, "runs": 12},
    {"name": "a logarithmic scale, integers and ordered options", "parameters": TRAINING, "metric": {"goal": "maximize"}, "value": accuracy, "runs": 25},
    {"name": "every other distribution", "parameters": OTHERS, "metric": {"goal": "minimize"}, "value": mixture, "runs": 40},
    {"name": "runs under way", "parameters": TRAINING, "metric": {"goal": "maximize"}, "value": accuracy, "runs": 16, "running": 4, "pending": 2},
    {"name": "huge values", "parameters": FLOATS, "metric": {"goal": "minimize"}, "value": huge, "runs": 9},
    {"name": "values that are all the same", "parameters": FLOATS, "metric": {"goal": "minimize"}, "value": flat, "runs": 8},
    {"name": "failed runs as the worst", "parameters": FLOATS, "metric": {"goal": "minimize"}, "value": bowl, "runs": 14, "failed": 4},
    {"name": "failed runs at their latest", "parameters": TRAINING, "metric": {"goal": "maximize", "impute": "latest"}, "value": accuracy, "runs": 14, "failed": 4},
    {"name": "failed runs at their best", "parameters": TRAINING, "metric": {"goal": "maximize", "impute": "best"}, "value": accuracy, "runs": 14, "failed": 4},
    {"name": "running runs at their latest", "parameters": FLOATS, "metric": {"goal": "minimize", "impute_while_running": "latest"}, "value": bowl, "runs": 14, "running": 4, "pending": 2},
    {"name": "running runs at their worst", "parameters": FLOATS, "metric": {"goal": "minimize", "impute_while_running": "worst"}, "value": bowl, "runs": 14, "running": 4, "silent": 2},
]


def configuration(parameters, unit):
    """Values at places of their distributions, as the package makes them."""
    from sweeps.params import HyperParameter

    values = {}
    for name, place in zip(sorted(parameters), unit):
        value = HyperParameter(name, dict(parameters[name])).ppf(place)
        values[name] = value.item() if isinstance(value, np.generic) else value
    return values


def history(value, goal, rng):
    """Reports that come near the value, are there once, and leave it again."""
    sign = 1 if goal == "minimize" else -1
    away = np.abs(rng.normal(size=5)) * 0.3 * max(1.0, abs(value))
    away[rng.integers(5)] = 0
    return [float(np.round(value + sign * gap, 9)) for gap in away]


def case(description, rng):
    parameters, goal = description["parameters"], description["metric"]["goal"]
    config = {"method": "bayes", "metric": {"name": "metric", "impute": "worst", **description["metric"]}, "parameters": parameters}
    states = ["finished"] * description["runs"]
    for state, places in (("failed", range(1, 99, 3)), ("running", range(2, 99, 3)), ("pending", range(0, 99, 5))):
        free = [place for place in places if place < len(states) and states[place] == "finished"]
        for place in free[: description.get(state, 0)]:
            states[place] = state
    silent = description.get("silent", 0)
    runs = []
    for state in states:
        values = configuration(parameters, np.round(rng.random(len(parameters)), 4))
        reports = [] if state == "pending" else history(float(description["value"](values)), goal, rng)
        if state == "running" and silent > 0:
            reports, silent = [], silent - 1
        runs.append({"state": state, "values": values, "reports": reports})
    known = [
        SweepRun(
            state=run["state"],
            config={name: {"value": value} for name, value in run["values"].items()},
            history=[{"metric": report} for report in run["reports"]],
            summaryMetrics={"metric": run["reports"][-1]} if run["reports"] else {},
        )
        for run in runs
    ]
    params, points, under_way, outcomes, _ = _construct_gp_data(known, config)
    current = np.asarray(under_way) if len(under_way) > 0 else None
    process, _, _ = train_gaussian_process(points, outcomes, None, current)
    candidates = np.round(rng.random((60, points.shape[1])), 6)
    predictions = []
    for candidate in candidates:
        # The package tells of the point that it chooses: of two that are the same there is no choice.
        _, _, mean, deviation, improvement, note = next_sample(
            sample_X=points, sample_y=outcomes, current_X=current, test_X=[candidate, candidate]
        )
        predictions.append([float(mean), float(deviation), float(improvement)])
    return {
        "name": description["name"],
        "metric": config["metric"],
        "parameters": parameters,
        "order": list(params.param_names_to_index),
        "runs": runs,
        "points": np.round(points, 12).tolist(),
        "outcomes": outcomes.tolist(),
        "underWay": [] if current is None else np.round(current, 12).tolist(),
        "logLength": float(process.kernel_.theta[0]),
        "isByChance": "bad fit" in note,
        "candidates": candidates.tolist(),
        "predictions": predictions,
    }


if __name__ == "__main__":
    rng = np.random.default_rng(11)
    cases = [case(description, rng) for description in CASES]
    head = {"made_by": "bench/peers/wandb_bayes_fixtures.py", "sweeps": importlib.metadata.version("sweeps")}
    lines = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
    lines.append('"cases": [\n' + ",\n".join(json.dumps(one) for one in cases) + "\n]")
    print("{\n" + ",\n".join(lines) + "\n}")
