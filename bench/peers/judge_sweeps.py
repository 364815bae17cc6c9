"""What Weights & Biases says of sweep files: its JSON Schema, and its `sweeps` package, which also makes a first suggestion.

Run it with a Python that has `sweeps` and PyYAML:

    python bench/peers/judge_sweeps.py judge FILE...    one JSON object: file -> {"schema": ..., "package": ...}, null if it is accepted
    python bench/peers/judge_sweeps.py draws            the quantiles of each distribution, and grids, as W&B has them

The block `argmin`, which W&B does not know, is taken out of a file before it is judged.
"""

import json
import pathlib
import sys
import warnings

import numpy
import yaml
from sweeps.bayes_search import bayes_search_next_runs
from sweeps.config import SweepConfig
from sweeps.config.schema import validator
from sweeps.grid_search import grid_search_next_runs
from sweeps.hyperband_stopping import hyperband_stop_runs
from sweeps.params import HyperParameter, HyperParameterSet
from sweeps.random_search import random_search_next_runs

warnings.filterwarnings("ignore")

SEARCHES = {"bayes": bayes_search_next_runs, "grid": grid_search_next_runs, "random": lambda runs, config: random_search_next_runs(config)}


def load(path):
    """As the command line reads a sweep file; a .json file as who passes it to wandb.sweep() reads it."""
    text = pathlib.Path(path).read_text(encoding="utf-8-sig")
    if path.endswith(".json"):
        return json.loads(text)
    config = yaml.safe_load(text)
    if not config:
        raise ValueError("Configuration file is empty")
    return config


def first(error):
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"


def judge_schema(config):
    for error in validator.iter_errors(config):
        return error.message.splitlines()[0][:200]
    return None


def judge_package(config):
    filled = SweepConfig(config)
    HyperParameterSet.from_config(config["parameters"])
    if "early_terminate" in config:
        hyperband_stop_runs([], config)
    if config["method"] in SEARCHES:
        SEARCHES[config["method"]]([], dict(config))
    return None if filled else "nothing left"


def judge(path):
    try:
        config = load(path)
        if isinstance(config, dict):
            config.pop("argmin", None)
        # What cannot be sent to a server is no sweep.
        json.dumps(config, allow_nan=False)
    except Exception as error:
        return {"schema": first(error), "package": first(error)}
    verdict = {}
    for name, ask in (("schema", judge_schema), ("package", judge_package)):
        try:
            verdict[name] = ask(config)
        except Exception as error:
            verdict[name] = first(error)[:200]
    return verdict


UNITS = [0.001, 0.013, 0.1, 0.24, 0.37, 0.501, 0.66, 0.913, 0.999]

DISTRIBUTIONS = [
    {"distribution": "categorical", "values": [3, "a", True, None, 2.5]},
    {"values": [1, 1, 2, 3]},
    {"values": ["a", "b", "c"], "probabilities": [0.2, 0.0, 0.8]},
    {"distribution": "int_uniform", "min": -3, "max": 12},
    {"distribution": "uniform", "min": -1, "max": 4},
    {"distribution": "q_uniform", "min": 30, "max": 50, "q": 5},
    {"distribution": "q_uniform", "min": 0.1, "max": 0.95, "q": 0.2},
    {"distribution": "q_uniform", "min": 1, "max": 10, "q": 4},
    {"distribution": "log_uniform", "min": -9.2, "max": -2.3},
    {"distribution": "log_uniform_values", "min": 1e-5, "max": 0.1},
    {"distribution": "q_log_uniform", "min": -1.5, "max": 3, "q": 1},
    {"distribution": "q_log_uniform_values", "min": 8, "max": 512, "q": 8},
    {"distribution": "inv_log_uniform", "min": 1, "max": 6.5},
    {"distribution": "inv_log_uniform_values", "min": 0.001, "max": 10},
    {"distribution": "normal", "mu": 2, "sigma": 0.5},
    {"distribution": "normal"},
    {"distribution": "q_normal", "mu": 10, "sigma": 4, "q": 3},
    {"distribution": "log_normal", "mu": -1, "sigma": 0.5},
    {"distribution": "q_log_normal", "mu": 2, "sigma": 0.7, "q": 2},
    {"distribution": "beta", "a": 2, "b": 5},
    {"distribution": "beta"},
    {"distribution": "beta", "a": 0.5, "b": 0.5},
    {"distribution": "q_beta", "a": 2, "b": 3, "q": 0.1},
    {"distribution": "q_beta", "a": 2, "b": 3},
]

GRIDS = [
    {"z": {"values": ["x", "y"]}, "depth": {"min": 1, "max": 3}, "fixed": {"value": 1}},
    {"width": {"distribution": "q_uniform", "min": 10, "max": 30, "q": 7}, "a": {"values": [1, 1, 2, True, "1"]}},
    {"b": {"values": [1, 2]}, "nest": {"parameters": {"d": {"values": ["p", "q"]}, "c": {"min": 0, "max": 1}}}, "B": {"values": [0]}},
    {"half": {"distribution": "q_uniform", "min": 0.5, "max": 2, "q": 0.5}, "one": {"distribution": "q_uniform", "min": 3, "max": 4, "q": 5}},
]


def plain(value):
    return value.item() if isinstance(value, numpy.generic) else value


def quantiles(config):
    parameter = HyperParameter("x", dict(config))
    values = [parameter.ppf(unit) for unit in UNITS]
    return [plain(value) for value in values]


def grid(parameters):
    config = {"method": "grid", "parameters": parameters}
    runs = grid_search_next_runs([], config, n=200)
    return [{name: member["value"] for name, member in run.config.items()} for run in runs if run is not None]


if __name__ == "__main__":
    if sys.argv[1] == "judge":
        print(json.dumps({path: judge(path) for path in sys.argv[2:]}, indent=1))
    else:
        import importlib.metadata

        head = {"made_by": "bench/peers/judge_sweeps.py draws", "sweeps": importlib.metadata.version("sweeps"), "units": UNITS}
        draws = [{"parameter": config, "values": quantiles(config)} for config in DISTRIBUTIONS]
        grids = [{"parameters": parameters, "runs": grid(parameters)} for parameters in GRIDS]
        lines = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
        lines += [f'"{key}": [\n' + ",\n".join("  " + json.dumps(item) for item in items) + "\n]" for key, items in (("draws", draws), ("grids", grids))]
        print("{\n" + ",\n".join(lines) + "\n}")
