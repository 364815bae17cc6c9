"""Verdicts of Optuna's pruners on made-up learning curves, as a fixture of packages/search/test/pruner.

    python bench/peers/pruner_verdicts.py > packages/search/test/pruner/golden/optuna.json
"""

import math
import warnings

import optuna
from optuna.pruners import HyperbandPruner, MedianPruner, PatientPruner, PercentilePruner, SuccessiveHalvingPruner, ThresholdPruner

from pruning_race import STEPS, fixture, race

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")

GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


class NumberedHyperband(HyperbandPruner):
    """Optuna's, but for the bracket of a trial: argmin draws it from the multiples of the golden ratio, Optuna from a checksum of
    the study's name. The shares of the brackets are Optuna's."""

    def _get_bracket_id(self, study, trial):
        left = ((trial.number * GOLDEN_RATIO) % 1) * self._total_trial_allocation_budget
        for bracket, share in enumerate(self._trial_allocation_budgets):
            left -= share
            if left < 0:
                return bracket
        return len(self._trial_allocation_budgets) - 1


def halving(eta, first, bracket, bootstrap):
    settings = {"reductionFactor": eta, "minimumResource": first, "bracket": bracket, "bootstrapTrials": bootstrap}
    return ("successive-halving", settings, lambda: SuccessiveHalvingPruner(
        min_resource=first, reduction_factor=eta, min_early_stopping_rate=bracket, bootstrap_count=bootstrap))


def hyperband(eta, first, last, bootstrap):
    settings = {"reductionFactor": eta, "minimumResource": first, "maximumResource": last, "bootstrapTrials": bootstrap}
    return ("hyperband", settings, lambda: NumberedHyperband(
        min_resource=first, max_resource=last, reduction_factor=eta, bootstrap_count=bootstrap))


def compared(startup, warmup, interval, least):
    settings = {"startupTrials": startup, "warmupSteps": warmup, "intervalSteps": interval, "minimumTrials": least}
    arguments = {"n_startup_trials": startup, "n_warmup_steps": warmup, "interval_steps": interval, "n_min_trials": least}
    return settings, arguments


def median(*numbers):
    settings, arguments = compared(*numbers)
    return ("median", settings, lambda: MedianPruner(**arguments))


def percentile(share, *numbers):
    settings, arguments = compared(*numbers)
    return ("percentile", {"percentile": share, **settings}, lambda: PercentilePruner(share, **arguments))


def threshold(lower, upper, warmup, interval):
    settings = {"lower": lower, "upper": upper, "warmupSteps": warmup, "intervalSteps": interval}
    return ("threshold", settings, lambda: ThresholdPruner(lower, upper, warmup, interval))


def patience(inner, reports, delta):
    name, settings, make = inner if inner is not None else (None, None, lambda: None)
    wrapped = None if inner is None else {"name": name, "settings": settings}
    return ("patience", {"patience": reports, "minimumDelta": delta, "pruner": wrapped},
            lambda: PatientPruner(make(), patience=reports, min_delta=delta))


CASES = [
    halving(3, 1, 0, 0),
    halving(2, 3, 1, 0),
    halving(2, 1, 0, 3),
    hyperband(3, 1, STEPS, 0),
    hyperband(2, 2, STEPS, 2),
    median(5, 0, 1, 1),
    median(2, 4, 5, 3),
    percentile(25.0, 3, 0, 1, 1),
    percentile(66.6, 1, 3, 4, 4),
    threshold(0.05, 1.5, 3, 1),
    threshold(None, 0.9, 7, 6),
    patience(None, 3, 0.02),
    patience(median(3, 0, 1, 1), 2, 0.0),
]


def ends_of(make_pruner, direction, trials, width):
    study = optuna.create_study(direction=direction, pruner=make_pruner())

    def report(trial, step, value):
        trial.report(value, step)
        return step < STEPS and trial.should_prune()

    return race(trials, width, study.ask, report,
                stop=lambda trial: study.tell(trial, state=optuna.trial.TrialState.PRUNED), finish=study.tell)


if __name__ == "__main__":
    print(fixture("Optuna", optuna.__version__, CASES, ends_of))
