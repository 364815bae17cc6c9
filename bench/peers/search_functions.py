"""Peers' side of the search benchmark: how far their samplers come on known functions, one run or a few values a request.

{"task": "run", "row", "sampler", "seed", "trials", "budgets": [...]} -> {"seconds", "best": [...]}: the best value so far after
each of the budgets.
{"task": "prune", "row", "pruner", "seed", "trials", "steps", "budgets": [...]} -> {"seconds", "best": [...]}: the best value of whole
trials of so many steps, in a random search with a pruner, after the steps of so many whole trials.
{"task": "values", "row", "points": [{parameter: number, ...}]} -> {"seconds", "values": [...]}: the function itself, so that the
bench can compare it with its own; of a choice the number of its option.
{"task": "suggest", "space": "floats" | "vooban", "sampler", "history", "asks"} -> {"seconds"}: the processor time of so many
suggestions of all parameters after so many finished trials.

Rows are those of bench/search/rows.ts. Requests for rows of surrogates name their folder: "surrogates".
"""

import json
import math
import os
import time

import hyperopt
import hyperopt.base
import numpy as np
import optuna
from hyperopt import Domain, Trials, fmin, hp, rand, tpe

from protocol import serve

optuna.logging.disable_default_handler()
optuna.logging.set_verbosity(optuna.logging.ERROR)

# Parameters: name -> ("float" | "log" | "int", low, high), ("step", low, high, step), ("choice", options) or, for a choice with
# parameters of its own, ("switch", {option: parameters}).


def box(bounds, function):
    names = [f"x{i}" for i in range(len(bounds))]
    return {name: ("float", *limits) for name, limits in zip(names, bounds)}, lambda p: function([p[name] for name in names])


def branin(x):
    parabola = x[1] - 5.1 / (4 * math.pi**2) * x[0] ** 2 + 5 / math.pi * x[0] - 6
    return parabola**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x[0]) + 10


HEIGHTS = [1, 1.2, 3, 3.2]
SLOPES = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
PEAKS = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def hartmann6(x):
    hills = zip(HEIGHTS, SLOPES, PEAKS)
    return -sum(h * math.exp(-sum(a * (v - p) ** 2 for v, a, p in zip(x, slopes, peaks))) for h, slopes, peaks in hills)


def rosenbrock(x):
    return sum(100 * (after - v**2) ** 2 + (1 - v) ** 2 for v, after in zip(x, x[1:]))


def ackley(x):
    squares = sum(v * v for v in x) / len(x)
    cosines = sum(math.cos(2 * math.pi * v) for v in x) / len(x)
    return -20 * math.exp(-0.2 * math.sqrt(squares)) - math.exp(cosines) + 20 + math.e


def rastrigin(x):
    return 10 * len(x) + sum(v * v - 10 * math.cos(2 * math.pi * v) for v in x)


def shifted(function, shift):
    return lambda x: function([v - s for v, s in zip(x, shift)])


def mixed(p):
    common = 0.5 * (math.log10(p["lr"]) + 3) ** 2 + 0.05 * (p["depth"] - 6) ** 2
    if p["branch"] == "a":
        return common + 0.3 + 0.1 * ((p["a_x"] - 1) ** 2 + (p["a_y"] + 2) ** 2)
    if p["branch"] == "b":
        return common + 20 * ((p["b_x"] - 0.73) ** 2 + (p["b_y"] - 0.21) ** 2)
    return common + 0.6 + 0.02 * ((p["c_x"] - 3) ** 2 + (p["c_y"] - 4) ** 2)


MIXED = {
    "branch": ("switch", {
        "a": {"a_x": ("float", -5, 5), "a_y": ("float", -5, 5)},
        "b": {"b_x": ("float", 0, 1), "b_y": ("float", 0, 1)},
        "c": {"c_x": ("float", -10, 10), "c_y": ("float", 0, 10)},
    }),
    "lr": ("log", 1e-5, 1),
    "depth": ("int", 1, 10),
}

ACKLEY = [(-32.768, 32.768)] * 10
RASTRIGIN = [(-5.12, 5.12)] * 5

FUNCTIONS = {
    "branin": box([(-5, 10), (0, 15)], branin),
    "hartmann6": box([(0, 1)] * 6, hartmann6),
    "rosenbrock5": box([(-5, 10)] * 5, rosenbrock),
    "ackley10": box(ACKLEY, ackley),
    "rastrigin5": box(RASTRIGIN, rastrigin),
    "ackley10_shift": box(ACKLEY, shifted(ackley, [12, -9, 5, -15, 20, -3, 8, -18, 14, -6])),
    "rastrigin5_shift": box(RASTRIGIN, shifted(rastrigin, [1.7, -2.3, 3.1, -0.9, 2.6])),
    "mixed": (MIXED, mixed),
}

# Of the surrogates: the searched parameters, what the others are held at (ten repetitions), the order of the model's
# inputs and how its answer is minimised.
SURROGATE_KINDS = {
    "iaml_glmnet": {
        "parameters": {"alpha": ("float", 0, 1), "s": ("log", 1e-4, 1e3)},
        "fixed": {},
        "categorical": ["task_id"],
        "numeric": ["alpha", "s", "trainsize"],
        "loss": lambda mmce, *_: float(mmce),
    },
    "rbv2_rpart": {
        "parameters": {
            "cp": ("log", 0.0009118819655545162, 1),
            "maxdepth": ("int", 1, 30),
            "minbucket": ("int", 1, 100),
            "minsplit": ("int", 1, 100),
            "num.impute.selected.cpo": ("choice", ["impute.mean", "impute.median", "impute.hist"]),
        },
        "fixed": {"repl": 10},
        "categorical": ["task_id", "num.impute.selected.cpo"],
        "numeric": ["cp", "maxdepth", "minbucket", "minsplit", "trainsize", "repl"],
        "loss": lambda accuracy, *_: 1 - float(accuracy),
    },
}


def surrogate(row, folder):
    """A model at one of its data sets: "rbv2_rpart/41138"."""
    import onnxruntime

    name, instance = row.split("/")
    kind = SURROGATE_KINDS[name]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(os.path.join(folder, name, "model.onnx"), options)
    with open(os.path.join(folder, name, "encoding.json")) as file:
        encoding = json.load(file)
    fixed = {**kind["fixed"], "task_id": instance}

    def value(p, part=1.0):
        p = {**fixed, "trainsize": part, **p}
        feeds = {
            "x_cat": np.array([[encoding[n][p[n]] for n in kind["categorical"]]], np.int32),
            "x_cont": np.array([[p[n] for n in kind["numeric"]]], np.float32),
        }
        return kind["loss"](*session.run(None, feeds)[0][0])

    return kind["parameters"], value


opened = {}


def row_of(request):
    name = request["row"]
    if name not in opened:
        opened[name] = FUNCTIONS[name] if name in FUNCTIONS else surrogate(name, request["surrogates"])
    return opened[name]


# hyperopt


def to_hyperopt(parameters):
    return {name: hyperopt_node(name, *spec) for name, spec in parameters.items()}


def hyperopt_node(name, kind, *limits):
    if kind == "float":
        return hp.uniform(name, *limits)
    if kind == "log":
        return hp.loguniform(name, math.log(limits[0]), math.log(limits[1]))
    if kind == "int":
        # Half a step more on both sides, so that every integer has the same prior.
        return hp.quniform(name, limits[0] - 0.5, limits[1] + 0.5, 1)
    if kind == "step":
        return hp.quniform(name, *limits)
    if kind == "choice":
        return hp.choice(name, limits[0])
    return hp.choice(name, [{"_": branch, **to_hyperopt(inner)} for branch, inner in limits[0].items()])


def flatten(parameters, sample):
    flat = {}
    for name, (kind, *limits) in parameters.items():
        if kind == "switch":
            branch = sample[name]["_"]
            flat[name] = branch
            flat.update(flatten(limits[0][branch], sample[name]))
        else:
            flat[name] = int(sample[name]) if kind == "int" else sample[name]
    return flat


def mend_hyperopt():
    """Its switch refuses the numpy integers that its own samplers draw, unless the bson package is installed: make them ints."""
    original = hyperopt.base.spec_from_misc

    def plain(value):
        return int(value) if isinstance(value, np.integer) else value

    hyperopt.base.spec_from_misc = lambda misc: {name: plain(value) for name, value in original(misc).items()}


def run_hyperopt(parameters, value, seed, trials, record):
    fmin(
        lambda sample: record(value(flatten(parameters, sample))),
        to_hyperopt(parameters),
        algo=tpe.suggest,
        max_evals=trials,
        rstate=np.random.default_rng(seed),
        show_progressbar=False,
        verbose=False,
    )


# Optuna


def ask_optuna(trial, parameters):
    values = {}
    for name, (kind, *limits) in parameters.items():
        if kind == "switch":
            values[name] = trial.suggest_categorical(name, list(limits[0]))
            values.update(ask_optuna(trial, limits[0][values[name]]))
        elif kind == "choice":
            values[name] = trial.suggest_categorical(name, limits[0])
        elif kind == "int":
            values[name] = trial.suggest_int(name, *limits)
        elif kind == "step":
            values[name] = trial.suggest_float(name, limits[0], limits[1], step=limits[2])
        else:
            values[name] = trial.suggest_float(name, *limits, log=kind == "log")
    return values


OPTUNA = {
    "optuna-tpe": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "optuna-tpe-independent": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=False),
    "optuna-tpe-group": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True),
    "optuna-gp": lambda seed: optuna.samplers.GPSampler(seed=seed),
}


def run_optuna(sampler):
    def run(parameters, value, seed, trials, record):
        study = optuna.create_study(sampler=OPTUNA[sampler](seed))
        study.optimize(lambda trial: record(value(ask_optuna(trial, parameters))), n_trials=trials)

    return run


SAMPLERS = {"hyperopt": run_hyperopt, **{name: run_optuna(name) for name in OPTUNA}}


def run(request):
    parameters, value = row_of(request)
    values = []

    def record(result):
        values.append(result)
        return result

    start = time.perf_counter()
    SAMPLERS[request["sampler"]](parameters, value, request["seed"], request["trials"], record)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "best": [min(values[:budget]) for budget in request["budgets"]]}


# Both sides have the same settings: rungs at 1, 3 and 9 of 27 steps, and else the defaults.
PRUNERS = {
    "optuna-median": lambda steps: optuna.pruners.MedianPruner(),
    "optuna-percentile": lambda steps: optuna.pruners.PercentilePruner(25.0),
    "optuna-patience": lambda steps: optuna.pruners.PatientPruner(optuna.pruners.MedianPruner(), patience=3),
    "optuna-successive-halving": lambda steps: optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    "optuna-hyperband": lambda steps: optuna.pruners.HyperbandPruner(min_resource=1, max_resource=steps, reduction_factor=3),
}


def prune(request):
    parameters, value = row_of(request)
    whole = request["steps"]
    limits = [budget * whole for budget in request["budgets"]]
    seed = request["seed"]
    # Hyperband shares trials out among its brackets by the study's name.
    study = optuna.create_study(
        study_name=f"seed {seed}", sampler=optuna.samplers.RandomSampler(seed), pruner=PRUNERS[request["pruner"]](whole)
    )
    bests, spent = [math.inf] * len(limits), 0
    start = time.perf_counter()
    while spent < max(limits):
        trial = study.ask()
        p = ask_optuna(trial, parameters)
        for step in range(1, whole + 1):
            spent += 1
            result = value(p, step / whole)
            if step == whole:
                study.tell(trial, result)
                bests = [min(best, result) if spent <= limit else best for best, limit in zip(bests, limits)]
                break
            trial.report(result, step)
            if trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
    return {"seconds": time.perf_counter() - start, "best": bests}


def named(parameters, point):
    """A point with options in the places of their numbers, as the functions take it."""
    result = {}
    for name, (kind, *limits) in parameters.items():
        result[name] = point[name] if kind not in ("choice", "switch") else list(limits[0])[point[name]]
        if kind == "switch":
            result.update(named(limits[0][result[name]], point))
    return result


def values(request):
    parameters, value = row_of(request)
    start = time.perf_counter()
    results = [value(named(parameters, point)) for point in request["points"]]
    return {"seconds": time.perf_counter() - start, "values": results}


# Suggestions


def log_range(reach):
    return ("log", math.exp(-reach), math.exp(reach))


SPACES = {
    "floats": {f"x{i}": ("float", 0, 1) for i in range(10)},
    # packages/argmin/src/experiments/vooban-cifar100/space.ts
    "vooban": {
        "lr_rate_mult": log_range(0.5),
        "l2_weight_reg_mult": log_range(1.3),
        "batch_size": ("step", 100, 450, 5),
        "optimizer": ("choice", ["Adam", "Nadam", "RMSprop"]),
        "coarse_labels_weight": ("float", 0.1, 0.7),
        "conv_dropout_drop_proba": ("float", 0, 0.35),
        "fc_dropout_drop_proba": ("float", 0, 0.6),
        "use_BN": ("choice", [False, True]),
        "first_conv": ("switch", {"none": {}, "some": {"first_conv_size": ("choice", [3, 4])}}),
        "residual": ("switch", {"none": {}, "some": {"residual_units": ("int", 1, 4)}}),
        "conv_hiddn_units_mult": log_range(0.6),
        "nb_conv_pool_layers": ("choice", [2, 3]),
        "conv_pool_res_start_idx": ("int", 0, 2),
        "pooling_type": ("choice", ["max", "avg", "all_conv", "inception"]),
        "conv_kernel_size": ("int", 2, 4),
        "res_conv_kernel_size": ("int", 2, 4),
        "fc_units_1_mult": log_range(0.6),
        "one_more_fc": ("switch", {"none": {}, "some": {"one_more_fc_mult": log_range(0.6)}}),
        "activation": ("choice", ["relu", "elu"]),
    },
}

LOSSES = np.random.default_rng(1)
studies = {}


def hyperopt_asker(space, history):
    """A study with so many random trials, as a function that suggests one more."""
    domain, trials = Domain(lambda sample: 0, to_hyperopt(SPACES[space])), Trials()
    documents = rand.suggest(trials.new_trial_ids(history), domain, trials, seed=1)
    for document in documents:
        document["state"] = hyperopt.JOB_STATE_DONE
        document["result"] = {"status": hyperopt.STATUS_OK, "loss": LOSSES.random()}
    trials.insert_trial_docs(documents)
    trials.refresh()
    return lambda: tpe.suggest(trials.new_trial_ids(1), domain, trials, seed=int(LOSSES.integers(2**31)))


def optuna_asker(sampler, space, history):
    """A study with so many random trials, as a function that suggests one more and gives it up at once."""
    drawn = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(history):
        trial = drawn.ask()
        ask_optuna(trial, SPACES[space])
        drawn.tell(trial, LOSSES.random())
    study = optuna.create_study(sampler=OPTUNA[sampler](2))
    study.add_trials(drawn.trials)

    def ask():
        trial = study.ask()
        ask_optuna(trial, SPACES[space])
        return trial

    return ask, lambda trial: study.tell(trial, state=optuna.trial.TrialState.FAIL)


def suggest(request):
    space, sampler, history = request["space"], request["sampler"], request["history"]
    key = space, sampler, history
    if key not in studies:
        is_hyperopt = sampler == "hyperopt"
        studies[key] = (hyperopt_asker(space, history), None) if is_hyperopt else optuna_asker(sampler, space, history)
    ask, forget = studies[key]
    seconds = 0
    for _ in range(request["asks"]):
        start = time.process_time()
        trial = ask()
        seconds += time.process_time() - start
        if forget is not None:
            forget(trial)
    return {"seconds": seconds}


TASKS = {"run": run, "prune": prune, "values": values, "suggest": suggest}

if __name__ == "__main__":
    mend_hyperopt()
    versions = {"name": "hyperopt and Optuna", "version": f"hyperopt {hyperopt.__version__}, Optuna {optuna.__version__}"}
    serve(versions, lambda request: TASKS[request["task"]](request))
