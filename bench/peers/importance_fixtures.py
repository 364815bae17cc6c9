"""Three studies and what Optuna's importance evaluators say of them, as a fixture of packages/search/test/analysis.

    python bench/peers/importance_fixtures.py > packages/search/test/analysis/golden/optuna.json

Needs scikit-learn beside the packages of requirements.txt: Optuna's fANOVA grows its forests with it.

PED-ANOVA is evaluated on the studies as they are. fANOVA is, too ("asItIs", one forest), but the two programs average over different distributions:
argmin over the space's own, Optuna over the plain values of a logarithmic parameter, so that its last decade counts for nine tenths, over
half of the first and the last value of a range with steps, and over the k columns of a choice of k options as if they were independent.
So Optuna is also given the same trials on the scale on which the space draws evenly ("evenly"): logarithms, cells around the values of
a range with steps, and a choice of two options as one number; there they must agree.
"""

import json
import math
import random
import statistics

import optuna
import sklearn
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator
from optuna.trial import TrialState, create_trial

optuna.logging.set_verbosity(optuna.logging.ERROR)

SEEDS = 4


def float_(low, high, log=False, step=None):
    return {"kind": "float", "low": low, "high": high, "log": log, "step": step}


def int_(low, high, log=False, step=1):
    return {"kind": "int", "low": low, "high": high, "log": log, "step": step}


def choice(*options):
    return {"kind": "choice", "options": [{"kind": "constant", "value": option} for option in options], "weights": None}


def reference(label):
    return {"kind": "parameter", "label": label}


def space(parameters, members=None):
    sample = {"kind": "object", "members": members or {label: reference(label) for label in parameters}}
    return {
        "format": "argmin-space", "version": 1, "sample": sample,
        "parameters": [{"label": label, "distribution": it} for label, it in parameters.items()],
    }


def optuna_distribution(it):
    if it["kind"] == "choice":
        return CategoricalDistribution(list(range(len(it["options"]))))
    make = FloatDistribution if it["kind"] == "float" else IntDistribution
    return make(it["low"], it["high"], log=it["log"], step=it["step"])


def even_distribution(it):
    """The scale on which the space draws evenly, for Optuna's fANOVA, and how a value gets there."""
    if it["kind"] == "choice":
        assert len(it["options"]) == 2
        return FloatDistribution(0, 1), float
    half = (it["step"] or 0) / 2
    low, high = it["low"] - half, it["high"] + half
    if it["log"]:
        return FloatDistribution(math.log(max(low, it["low"] / 2)), math.log(high)), math.log
    return FloatDistribution(low, high), float


def polynomial():
    """Linear scales, an interaction, a parameter that does nothing; random trials."""
    parameters = {
        "x": float_(-1, 1), "y": float_(0, 3), "steps": int_(1, 20), "q": float_(0, 1, step=0.05), "nothing": float_(0, 1),
    }
    trials = []
    generator = random.Random(1)
    for number in range(180):
        it = {
            "x": generator.uniform(-1, 1), "y": generator.uniform(0, 3), "steps": generator.randint(1, 20),
            "q": generator.randint(0, 20) * 5 / 100, "nothing": generator.uniform(0, 1),
        }
        value = 3 * it["x"] ** 2 + it["x"] * it["y"] + math.sin(2 * it["y"]) + it["steps"] / 10 + it["q"] / 2
        trials.append({"number": number, "state": "complete", "value": value, "assignment": it})
    return "minimize", space(parameters), parameters, trials


def training():
    """Logarithmic scales and choices, found by Optuna's TPE, with failed and pruned trials."""
    parameters = {
        "rate": float_(1e-5, 1e-1, log=True), "batch": int_(8, 512, log=True), "dropout": float_(0, 0.9),
        "layers": int_(1, 6), "norm": choice(False, True), "activation": choice("relu", "tanh", "elu", "linear"),
    }
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=2))
    generator = random.Random(2)
    distributions = {label: optuna_distribution(it) for label, it in parameters.items()}
    trials = []
    for number in range(160):
        trial = study.ask(distributions)
        it = dict(trial.params)
        value = (
            (math.log10(it["rate"]) + 2.5) ** 2 + 0.3 * abs(math.log2(it["batch"]) - 6) + 2 * (it["dropout"] - 0.3) ** 2
            + 0.1 * abs(it["layers"] - 4) + (0 if it["norm"] else 0.8) + [0, 0.4, 0.1, 1.5][it["activation"]]
            + generator.gauss(0, 0.1)
        )
        if it["batch"] > 300 and generator.random() < 0.7:
            study.tell(trial, state=TrialState.FAIL)
            trials.append({"number": number, "state": "failed", "assignment": it})
        elif generator.random() < 0.1:
            trial.report(value * 2, 1)
            study.tell(trial, state=TrialState.PRUNED)
            trials.append({"number": number, "state": "pruned", "value": value * 2, "assignment": it})
        else:
            study.tell(trial, value)
            trials.append({"number": number, "state": "complete", "value": value, "assignment": it})
    return "minimize", space(parameters), parameters, trials


def conditional():
    """To be maximised, with parameters that only some optimizers have, and equal values among the best."""
    parameters = {
        "optimizer": {
            "kind": "choice", "weights": None,
            "options": [
                {"kind": "object", "members": {"kind": {"kind": "constant", "value": "sgd"}, "momentum": reference("momentum"), "decay": reference("decay")}},
                {"kind": "object", "members": {"kind": {"kind": "constant", "value": "adam"}, "decay": reference("decay")}},
                {"kind": "constant", "value": "plain"},
            ],
        },
        "momentum": float_(0, 0.99), "decay": float_(1e-6, 1e-2, log=True), "units": int_(16, 256, step=16), "residual": choice(False, True),
    }
    members = {label: reference(label) for label in ("optimizer", "units", "residual")}
    generator = random.Random(3)
    trials = []
    for number in range(240):
        it = {"optimizer": generator.randrange(3), "units": 16 * generator.randint(1, 16), "residual": generator.randrange(2)}
        value = 0.6 + 0.1 * it["residual"] - ((it["units"] - 160) / 400) ** 2
        if it["optimizer"] == 0:
            it["momentum"] = generator.uniform(0, 0.99)
            value -= (it["momentum"] - 0.9) ** 2 / 2
        if it["optimizer"] < 2:
            it["decay"] = math.exp(generator.uniform(math.log(1e-6), math.log(1e-2)))
            value -= 0.02 * abs(math.log10(it["decay"]) + 4)
        else:
            value -= 0.15
        trials.append({"number": number, "state": "complete", "value": round(value, 2), "assignment": it})
    return "maximize", space(parameters, members), parameters, trials


def study_of(direction, trials, distributions, convert):
    """An Optuna study of the complete trials, with other distributions and values of them."""
    study = optuna.create_study(direction=direction)
    for trial in trials:
        if trial["state"] != "complete":
            continue
        values = {label: convert[label](value) for label, value in trial["assignment"].items() if label in distributions}
        study.add_trial(create_trial(
            value=trial["value"], params=values, distributions={label: distributions[label] for label in values},
        ))
    return study


def ped_anova(direction, parameters, trials):
    distributions = {label: optuna_distribution(it) for label, it in parameters.items()}
    study = study_of(direction, trials, distributions, {label: lambda value: value for label in parameters})
    return [
        {"targetQuantile": target, "regionQuantile": region, "evaluateOnLocal": local,
         "importances": PedAnovaImportanceEvaluator(target_quantile=target, region_quantile=region, evaluate_on_local=local).evaluate(study)}
        for target, region, local in [(0.1, 1.0, True), (0.25, 0.8, True), (0.1, 1.0, False)]
    ]


def fanova(direction, parameters, trials):
    """Means over several forests; only of what is always active: the evaluator leaves out the rest."""
    used = {
        label: it for label, it in parameters.items()
        if all(label in trial["assignment"] for trial in trials) and (it["kind"] != "choice" or len(it["options"]) == 2)
    }
    as_it_is = {label: (optuna_distribution(it), lambda value: value) for label, it in used.items()}
    evenly = {label: even_distribution(it) for label, it in used.items()}
    [run] = forests(direction, trials, as_it_is, 1)
    runs = forests(direction, trials, evenly, SEEDS)
    spread = {
        label: {"mean": statistics.mean(run[label] for run in runs), "deviation": statistics.stdev(run[label] for run in runs)}
        for label in used
    }
    return {"asItIs": run, "evenly": spread}


def forests(direction, trials, scales, seeds):
    study = study_of(
        direction, trials, {label: it[0] for label, it in scales.items()}, {label: it[1] for label, it in scales.items()},
    )
    return [FanovaImportanceEvaluator(seed=seed).evaluate(study) for seed in range(seeds)]


def main():
    studies = []
    for make in (polynomial, training, conditional):
        direction, document, parameters, trials = make()
        studies.append({
            "name": make.__name__, "direction": direction, "space": document, "trials": trials,
            "pedAnova": ped_anova(direction, parameters, trials), "fanova": fanova(direction, parameters, trials),
        })
    print(json.dumps({"optuna": optuna.__version__, "sklearn": sklearn.__version__, "studies": studies}, separators=(",", ":")))


if __name__ == "__main__":
    main()
