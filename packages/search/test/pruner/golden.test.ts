import { readFileSync } from "node:fs";
import type { JsonObject } from "@argmin/base";
import { createStudy, hp, type Direction, type LiveTrial, type Metrics } from "@argmin/search";
import { describe, expect, it } from "vitest";

/** Values by trial, of steps 1, 2, …; null for NaN. */
type Curves = readonly (readonly (number | null)[])[];

type Case = {
  readonly pruner: string;
  readonly settings: JsonObject;
  readonly direction: Direction;
  /** How many trials advance in turn. */
  readonly workers: number;
  /** Which of the file's curves. */
  readonly curves: number;
  /** The step at which each trial was pruned; null for those that came to their end. */
  readonly prunedAt: readonly (number | null)[];
};

type Golden = {
  readonly peer: string;
  readonly version: string;
  readonly curves: readonly Curves[];
  readonly cases: readonly Case[];
};

/** Verdicts on made-up learning curves: `bench/peers/pruner_verdicts.py` and `bench/peers/sweep_verdicts.py` had them made. */
const files = ["optuna", "sweeps"].map((name): Golden =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf8")),
);

describe.each(files)("verdicts agree with $peer $version", ({ curves, cases }) => {
  it.each(cases.map((golden) => ({ ...golden, text: JSON.stringify(golden.settings) })))(
    "$pruner $text, $direction, $workers at a time",
    async (golden) => {
      expect(golden.prunedAt.filter((step) => step !== null).length).toBeGreaterThan(0);
      expect(await run(golden, curves[golden.curves]!)).toEqual(golden.prunedAt);
    },
  );
});

/** A study whose trials report those curves, driven by hand. */
async function run({ pruner, settings, direction, workers }: Case, curves: Curves): Promise<Case["prunedAt"]> {
  const study = await createStudy({
    space: { x: hp.uniform(0, 1) },
    direction,
    pruner: { name: pruner, settings, metric: "loss" },
    seed: 1,
  });
  const ends: (number | null)[] = curves.map(() => null);
  let running: { readonly trial: LiveTrial<unknown>; readonly at: number }[] = [];
  let begun = 0;
  while (begun < curves.length || running.length > 0) {
    for (; begun < curves.length && running.length < workers; begun++) running.push({ trial: await study.ask(), at: 0 });
    const still: typeof running = [];
    for (const { trial, at } of running) {
      const curve = curves[trial.number]!;
      const loss = curve[at] ?? Number.NaN;
      const metrics: Metrics = { loss, other: 1 };
      trial.report(at + 1, metrics, { of: curve.length });
      if (at + 1 === curve.length) await study.tell(trial.number, Number.isNaN(loss) ? 0 : loss);
      else if (await trial.shouldPrune()) {
        ends[trial.number] = at + 1;
        await study.tell(trial.number, { state: "pruned" });
      } else still.push({ trial, at: at + 1 });
    }
    running = still;
  }
  return ends;
}
