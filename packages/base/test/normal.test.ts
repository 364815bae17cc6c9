import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isArgminError,
  logMassBetween,
  normalCdf,
  normalLogCdf,
  normalLogPdf,
  normalLogQuantile,
  normalPdf,
  normalQuantile,
  truncatedNormalQuantile,
} from "@argmin/base";
import { expectClose, goldenNumbers } from "./golden.ts";

describe("the normal distribution", () => {
  it("agrees with mpmath in density, distribution and their logarithms", () => {
    for (const [x, density, logDensity, below, logBelow] of goldenNumbers("normal.json", "distribution")) {
      expectClose(normalPdf(x!), density!, 1e-14, `normalPdf(${x})`);
      expectClose(normalLogPdf(x!), logDensity!, 1e-14, `normalLogPdf(${x})`);
      expectClose(normalCdf(x!), below!, 1e-14, `normalCdf(${x})`);
      expectClose(normalLogCdf(x!), logBelow!, 1e-14, `normalLogCdf(${x})`);
    }
  });

  it("has mpmath's quantiles", () => {
    for (const [p, x] of goldenNumbers("normal.json", "quantile")) expectClose(normalQuantile(p!), x!, 1e-14, `quantile ${p}`);
  });

  it("has mpmath's quantiles of log probabilities far below the smallest double", () => {
    for (const [p, x] of goldenNumbers("normal.json", "logQuantile")) {
      expectClose(normalLogQuantile(p!), x!, 1e-14, `log quantile ${p}`);
    }
  });

  it("inverts itself", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 5, noNaN: true }), (x) => {
        expect(Math.abs(normalLogQuantile(normalLogCdf(x)) - x)).toBeLessThan(1e-9 + 1e-14 * Math.abs(x));
      }),
    );
  });
});

describe("the truncated normal distribution", () => {
  it("has mpmath's mass between two points", () => {
    for (const [a, b, mass] of goldenNumbers("normal.json", "logMass")) {
      expectClose(logMassBetween(a!, b!), mass!, 1e-13, `log mass between ${a} and ${b}`);
    }
  });

  it("has mpmath's quantiles", () => {
    for (const [q, a, b, x] of goldenNumbers("normal.json", "truncatedQuantile")) {
      expectClose(truncatedNormalQuantile(q!, a!, b!), x!, 1e-13, `quantile ${q} between ${a} and ${b}`, 1e-16);
    }
  });

  it("never leaves its interval and grows with q", () => {
    const end = fc.double({ min: -60, max: 60, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(end, end, share, share, (first, second, p, q) => {
        const a = Math.min(first, second);
        const b = Math.max(first, second);
        const low = truncatedNormalQuantile(Math.min(p, q), a, b);
        const high = truncatedNormalQuantile(Math.max(p, q), a, b);
        expect(low).toBeGreaterThanOrEqual(a);
        expect(high).toBeLessThanOrEqual(b);
        expect(low - high).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(low)));
      }),
    );
  });

  it("adds up: two neighbouring intervals have the mass of both", () => {
    const end = fc.double({ min: -30, max: 30, noNaN: true });
    fc.assert(
      fc.property(end, end, end, (x, y, z) => {
        const points = Float64Array.of(x, y, z).sort();
        const left = logMassBetween(points[0]!, points[1]!);
        const right = logMassBetween(points[1]!, points[2]!);
        const both = logMassBetween(points[0]!, points[2]!);
        if (both === -Infinity) return;
        expect(Math.exp(left - both) + Math.exp(right - both)).toBeCloseTo(1, 10);
      }),
    );
  });

  it("answers the edges", () => {
    expect(logMassBetween(2, 2)).toBe(-Infinity);
    expect(Math.abs(logMassBetween(-Infinity, Infinity))).toBe(0);
    expect(logMassBetween(-1e200, -1e180)).toBe(-Infinity);
    expect(logMassBetween(NaN, 1)).toBeNaN();
    expect(truncatedNormalQuantile(0.3, 2, 2)).toBe(2);
    expect(truncatedNormalQuantile(1.5, 0, 1)).toBeNaN();
    expect(() => logMassBetween(1, 0)).toThrow(/not from 1 to 0/);
    expect(() => truncatedNormalQuantile(0.5, 1, 0)).toThrow(expect.toSatisfy((e) => isArgminError(e, "value/invalid")));
  });
});
