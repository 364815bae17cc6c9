import { readFileSync } from "node:fs";
import { createStudy, type Direction, hp, type LiveTrial, type Metrics } from "@argmin/search";
import { describe, expect, it } from "vitest";

/** Verdicts of Optuna on made-up learning curves: `bench/peers/pruner_verdicts.py` made them. */
type Case = {
  readonly pruner: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly direction: Direction;
  /** How many trials advance in turn. */
  readonly workers: number;
  /** One list of values a trial, of steps 1, 2, …; null for NaN. */
  readonly curves: readonly (readonly (number | null)[])[];
  /** The step at which each trial was pruned; null for those that came to their end. */
  readonly prunedAt: readonly (number | null)[];
};

const golden: { readonly optuna: string; readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL("golden/optuna.json", import.meta.url), "utf8"),
);

describe(`verdicts agree with Optuna ${golden.optuna}`, () => {
  it.each(golden.cases)("$pruner, $direction, $workers at a time", async (golden) => {
    expect(await run(golden)).toEqual(golden.prunedAt);
  });
});

/** A study whose trials report those curves, driven by hand. */
async function run({ pruner, settings, direction, workers, curves }: Case): Promise<readonly (number | null)[]> {
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
