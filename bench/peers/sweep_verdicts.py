"""Verdicts of W&B's Hyperband on made-up learning curves, as a fixture of packages/search/test/pruner. It needs the package sweeps
(0.3.0, which wants an environment of its own: its numpy is older than the other peers').

    python bench/peers/sweep_verdicts.py > packages/search/test/pruner/golden/sweeps.json
"""

from importlib.metadata import version

from sweeps import RunState, SweepRun
from sweeps.hyperband_stopping import hyperband_stop_runs

from pruning_race import fixture, race

CASES = [
    ("wandb-hyperband", settings, settings) for settings in [
        {"min_iter": 3},
        {"min_iter": 2, "eta": 2, "strict": False},
        {"min_iter": 1, "eta": 1.7},
        {"max_iter": 27, "s": 2},
        {"max_iter": 30, "s": 9, "eta": 2.5, "strict": False},
        {"min_iter": 5, "max_iter": 20, "s": 2, "eta": 4},
    ]
]


def ends_of(settings, direction, trials, width):
    config = {
        "method": "random",
        "metric": {"name": "loss", "goal": direction},
        "early_terminate": {"type": "hyperband", **settings},
        "parameters": {"x": {"min": 0.0, "max": 1.0}},
    }
    runs = []

    def begin():
        runs.append(SweepRun(name=str(len(runs)), state=RunState.running, history=[]))
        return runs[-1]

    def report(run, _, value):
        run.history.append({"loss": value})
        return any(stopped.name == run.name for stopped in hyperband_stop_runs(runs, config))

    def stop(run):
        run.state = RunState.killed

    def finish(run, _):
        run.state = RunState.finished

    return race(trials, width, begin, report, stop, finish)


if __name__ == "__main__":
    print(fixture("sweeps", version("sweeps"), CASES, ends_of))
