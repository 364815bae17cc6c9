import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { betaCdf, betaQuantile } from "@argmin/base";
import { expectClose, goldenNumbers } from "./golden.ts";

describe("the beta distribution", () => {
  it("agrees with mpmath in probabilities", () => {
    for (const [x, a, b, below] of goldenNumbers("beta.json", "below"))
      expectClose(betaCdf(x!, a!, b!), below!, 1e-12, `betaCdf(${x}, ${a}, ${b})`, 1e-15);
  });

  it("has SciPy's quantiles", () => {
    for (const [p, a, b, x] of goldenNumbers("beta.json", "quantile"))
      expectClose(betaQuantile(p!, a!, b!), x!, 1e-10, `betaQuantile(${p}, ${a}, ${b})`);
  });

  it("never decreases, stays in [0, 1] and inverts itself", () => {
    const shape = fc.double({ min: 0.05, max: 500, noNaN: true });
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(unit, unit, shape, shape, (p, q, a, b) => {
        const [low, high] = [Math.min(p, q), Math.max(p, q)].map((at) => betaQuantile(at, a, b));
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(high!);
        // The next double may be far away in probability where the density is high.
        if (low! > 0 && low! < 0.999) expect(Math.abs(betaCdf(low!, a, b) - Math.min(p, q))).toBeLessThan(1e-9);
      }),
      { numRuns: 200 },
    );
  });

  it("has no quantile of what is no probability", () => {
    expect([betaQuantile(-0.1, 2, 3), betaQuantile(1.1, 2, 3), betaQuantile(Number.NaN, 2, 3)]).toEqual([NaN, NaN, NaN]);
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3), betaCdf(-1, 2, 3), betaCdf(2, 2, 3)]).toEqual([0, 1, 0, 1]);
  });
});
