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
  const isFinished = isSweepFinished(sweep, study.definition, await study.trials());
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
