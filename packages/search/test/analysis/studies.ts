import { readFileSync } from "node:fs";
import { Rng } from "@argmin/base";
import { type AnalyzedTrial, type Assignment, type Direction, quantile, type Space } from "@argmin/search";
import type { JsonObject } from "@argmin/base";

/** A study and what Optuna says of it: `bench/peers/importance_fixtures.py` made them. */
export type GoldenStudy = {
  readonly name: string;
  readonly direction: Direction;
  readonly space: JsonObject;
  readonly trials: readonly AnalyzedTrial[];
  readonly pedAnova: readonly {
    readonly targetQuantile: number;
    readonly regionQuantile: number;
    readonly evaluateOnLocal: boolean;
    readonly importances: Readonly<Record<string, number>>;
  }[];
  readonly fanova: {
    readonly asItIs: Readonly<Record<string, number>>;
    readonly evenly: Readonly<Record<string, { readonly mean: number; readonly deviation: number }>>;
  };
};

export const golden: { readonly optuna: string; readonly studies: readonly GoldenStudy[] } = JSON.parse(
  readFileSync(new URL("golden/optuna.json", import.meta.url), "utf8"),
);

/** The same trials with the other sign: what is minimised in one is maximised in the other. */
export function mirrored(trials: readonly AnalyzedTrial[]): readonly AnalyzedTrial[] {
  return trials.map(({ number, state, value, assignment }) => ({ number, state, value: -value!, assignment }));
}

/** The same trials with other values of the parameters. */
export function reassigned(
  trials: readonly AnalyzedTrial[],
  assign: (trial: AnalyzedTrial) => Assignment,
): readonly AnalyzedTrial[] {
  return trials.map((trial) => Object.assign({}, trial, { assignment: assign(trial) }));
}

/** Random trials of a space, each with the value that a function gives it, or failed where it gives none. */
export function randomTrials(
  space: Space,
  count: number,
  valueOf: (assignment: Assignment, rng: Rng) => number | undefined,
  seed: number | string = 1,
): readonly AnalyzedTrial[] {
  const rng = Rng.fromSeed(seed);
  return Array.from({ length: count }, (_, number): AnalyzedTrial => {
    const drawn = space.parameters.map(({ label, domain }) => [label, quantile(domain, rng.float())] as const);
    const assignment = space.effective(Object.fromEntries(drawn));
    const value = valueOf(assignment, rng);
    return value === undefined ? { number, state: "failed", assignment } : { number, state: "complete", value, assignment };
  });
}
