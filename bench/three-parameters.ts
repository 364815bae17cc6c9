import { hp, type Sample } from "@argmin/search";

/** The space of the search benchmarks: a real number, a whole one and a choice. `peers/optuna_trials.py` has the same. */
export const space = { x: hp.uniform(-5, 10), units: hp.uniformint(1, 64), kind: hp.choice(["a", "b", "c"]) };

/** Costs next to nothing, so that what is measured is the search itself. */
export function objective({ x, units, kind }: Sample<typeof space>): number {
  return (x - 1) ** 2 + Math.log(units) + kind.length;
}
