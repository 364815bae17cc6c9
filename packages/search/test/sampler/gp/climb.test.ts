import { compileSpace, hp } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { climb, logExpectedImprovement, type Acquisition } from "../../../src/sampler/gp/climb.ts";
import { kernelOf } from "../../../src/sampler/gp/kernel.ts";
import { pointFrom } from "../../../src/sampler/gp/layout.ts";
import { posteriorOf } from "../../../src/sampler/gp/posterior.ts";
import { hyperBoxOf } from "../../../src/sampler/gp/priors.ts";
import { defaultTuning } from "../../../src/sampler/gp/tuning.ts";
import { randomPoints } from "./spaces.ts";

const names = Array.from({ length: 40 }, (_, i) => `option ${i}`);

describe("a climb", () => {
  it.each([
    ["that nothing depends on", hp.choice(names)],
    ["with a branch each", hp.choice(names.map((kind) => ({ kind, x: hp.choice(["y", "z"]) })))],
  ])("finds the best of all options of a choice %s, tried or not", (_, choice) => {
    const { layout, points } = randomPoints(compileSpace({ choice }), 15, "climbed");
    const fallback = new Float64Array(layout.axes.length);
    const settled = new Float64Array(layout.axes.length).fill(Number.NaN);
    const kernel = kernelOf(layout, hyperBoxOf(layout, defaultTuning).start);
    // What was tried is better than what is expected elsewhere, then worse.
    for (const sign of [-1, 1]) {
      const targets = Float64Array.from(points, (_, i) => sign * (1 + (i % 5)));
      const posterior = posteriorOf(kernel, points, targets);
      const acquisition: Acquisition = { posterior, incumbent: Math.min(...posterior.means) };
      const scoreOf = (option: number): number =>
        logExpectedImprovement(
          acquisition,
          pointFrom(layout, (d) => (d === 0 ? option : 0)),
        );
      const start = pointFrom(layout, (d) => (d === 0 ? 39 : 0));
      const { score } = climb(acquisition, { point: start, score: scoreOf(39) }, { fallback, settled }, 10);
      expect(score).toBeGreaterThan(Math.max(...names.map((_name, option) => scoreOf(option))) - 1e-9);
    }
  });
});
