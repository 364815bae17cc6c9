import { readFileSync } from "node:fs";
import { compileSpace, hp } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { logImprovement } from "../../../src/sampler/gp/improvement.ts";
import { kernelOf } from "../../../src/sampler/gp/kernel.ts";
import { layoutOf } from "../../../src/sampler/gp/layout.ts";
import { logLikelihoodOf } from "../../../src/sampler/gp/likelihood.ts";
import { posteriorOf } from "../../../src/sampler/gp/posterior.ts";

type Process = {
  readonly variance: number;
  readonly lengths: readonly number[];
  readonly noise: number;
  readonly points: readonly (readonly number[])[];
  readonly targets: readonly number[];
  readonly logLikelihood: number;
  /** For the logarithms of the variance, the length scales and the noise. */
  readonly gradient: readonly number[];
  readonly others: readonly (readonly number[])[];
  readonly mean: readonly number[];
  readonly variances: readonly number[];
};

function golden(name: string): string {
  return readFileSync(new URL(`golden/${name}`, import.meta.url), "utf8");
}

const fixture: { readonly version: string; readonly processes: readonly Process[] } = JSON.parse(golden("scikit-learn.json"));

describe.each(fixture.processes)(
  `a Gaussian process agrees with scikit-learn ${fixture.version}: length scales $lengths`,
  (process) => {
    const { variance, lengths, noise, gradient, others, mean, variances } = process;
    const layout = layoutOf(compileSpace(lengths.map(() => hp.uniform(0, 1))));
    const hyper = Float64Array.from([...lengths, variance, noise], Math.log);
    const points = process.points.map((point) => Float64Array.from(point));
    const targets = Float64Array.from(process.targets);

    it("on the log marginal likelihood and its gradient", () => {
      const found = new Float64Array(hyper.length);
      expectNear(logLikelihoodOf(layout, points, targets)(hyper, found), process.logLikelihood, 1e-8);
      const [ofVariance, ...rest] = gradient;
      const ofNoise = rest.pop();
      [...rest, ofVariance!, ofNoise!].forEach((wanted, i) => expectNear(found[i]!, wanted, 1e-5));
    });

    it("on mean and variance at other points", () => {
      const posterior = posteriorOf(kernelOf(layout, hyper), points, targets);
      for (const [i, other] of others.entries()) {
        const found = posterior.predict(Float64Array.from(other));
        expectNear(found.mean, mean[i]!, 1e-7);
        expectNear(found.variance, variances[i]!, 1e-7);
      }
    });
  },
);

/** Within a tolerance relative to the value or to 1, whichever is larger. */
function expectNear(found: number, wanted: number, tolerance: number): void {
  expect(Math.abs(found - wanted), `${found} beside ${wanted}`).toBeLessThan(tolerance * Math.max(1, Math.abs(wanted)));
}

describe("the logarithm of the expected improvement", () => {
  const rows: readonly (readonly [z: number, value: number, slope: number])[] = JSON.parse(golden("improvement.json"));

  it.each(rows)("has mpmath's digits at %d", (z, value, slope) => {
    const found = logImprovement(z);
    expect(Math.abs(found.value - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
    expect(Math.abs(found.slope / slope - 1)).toBeLessThan(1e-11);
  });

  it("rises throughout, where formulas change too", () => {
    for (let z = -30; z < 12; z += 0.01) expect(logImprovement(z + 0.01).value).toBeGreaterThan(logImprovement(z).value);
  });
});
