import { createStudy } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { readSweepFile } from "../../src/sweep-file/read.ts";
import { isSweepFinished } from "../../src/sweep/finished.ts";

const line = "parameters: {x: {min: 0.0, max: 1.0}}\n";
const three = "parameters: {x: {values: [a, b, c]}}\n";

/** How the sweep stands once trials have ended with these values; `running` and `waiting`: one more that has not. */
async function stands(
  text: string,
  values: readonly number[],
  more?: "running" | "waiting",
  metric = "metric: {name: loss}\n",
): Promise<boolean> {
  const sweep = readSweepFile(`program: train.py\n${metric}${text}`, "sweep.yaml");
  const sampler = sweep.method === "grid" ? "grid" : "random";
  const study = await createStudy({ space: sweep.space, sampler, seed: 1 });
  for (const value of values) await study.tell(await study.ask(), value);
  if (more === "waiting") await study.enqueue({ x: sweep.method === "grid" ? "a" : 0.25 });
  if (more === "running") await study.ask();
  const isFinished = isSweepFinished(sweep, study.definition, await study.trials(), false);
  await study.close();
  return isFinished;
}

describe("a sweep is finished", () => {
  it("by its run_cap, once as many runs have ended", async () => {
    const sweep = `method: random\n${line}run_cap: 3\n`;
    expect(await stands(sweep, [1, 2])).toBe(false);
    expect(await stands(sweep, [1, 2], "running")).toBe(false);
    expect(await stands(sweep, [1, 2], "waiting")).toBe(false);
    expect(await stands(sweep, [1, Number.NaN, 3])).toBe(true);
    expect(await stands(sweep, [1, 2, 3], "waiting")).toBe(false);
  });

  it("by its target, whatever waits, and not before what runs has ended", async () => {
    const sweep = `method: random\n${line}`;
    const metric = "metric: {name: loss, target: 0.5}\n";
    expect(await stands(sweep, [0.7, 0.6], undefined, metric)).toBe(false);
    expect(await stands(sweep, [0.7, 0.5], undefined, metric)).toBe(true);
    expect(await stands(sweep, [0.7, 0.5], "running", metric)).toBe(false);
    expect(await stands(sweep, [0.7, 0.5], "waiting", metric)).toBe(true);
  });

  it("not while a paused run would go on, and with those paused that would not", async () => {
    const settings = "argmin: {pruner: {name: successive-halving, settings: {promote: true, reductionFactor: 2}}}";
    const sweep = readSweepFile(
      `program: a.py\nmethod: random\nmetric: {name: loss}\nrun_cap: 4\n${line}${settings}\n`,
      "sweep.yaml",
    );
    const study = await createStudy({
      space: sweep.space,
      sampler: "random",
      pruner: { ...sweep.pruner, metric: "loss" },
      seed: 1,
    });
    const stands = async (): Promise<readonly unknown[]> => {
      const next = await study.nextPromotion();
      return [next, isSweepFinished(sweep, study.definition, await study.trials(), next !== undefined)];
    };
    // The second is paused, and among the best two of four when the others have come.
    for (const loss of [0.1, 0.2, 0.8, 0.9]) {
      const trial = await study.ask();
      trial.report(1, { loss });
      await study.tell(trial, (await trial.shouldPrune()) ? { state: "pruned" } : loss);
    }
    expect(await stands()).toEqual([1, false]);
    const promoted = await study.ask();
    expect(await stands()).toEqual([undefined, false]);
    await study.tell(promoted, 0.2);
    expect(await stands()).toEqual([undefined, true]);
    expect((await study.trials()).map(({ state }) => state)).toEqual(["complete", "complete", "paused", "paused"]);
    await study.close();
  });

  it("by its patience", async () => {
    const sweep = `method: random\n${line}argmin: {patience: 2}\n`;
    expect(await stands(sweep, [3, 2, 4])).toBe(false);
    expect(await stands(sweep, [3, 2, 4, 5])).toBe(true);
    expect(await stands(sweep, [3, 2, 4, 1])).toBe(false);
  });

  it("by its grid, or by any other space that has no more combinations", async () => {
    for (const method of ["grid", "random"]) {
      expect(await stands(`method: ${method}\n${three}`, [1, 2])).toBe(false);
      expect(await stands(`method: ${method}\n${three}`, [1, 2], "running")).toBe(false);
      expect(await stands(`method: ${method}\n${three}`, [1, 2, 3])).toBe(true);
    }
    expect(await stands(`method: random\n${line}`, [1, 2, 3])).toBe(false);
  });
});
