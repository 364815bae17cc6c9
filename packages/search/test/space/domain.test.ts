import { contains, type Distribution, distributionOf, domainOf, hp, nearest, quantile, type SpaceNode } from "@argmin/search";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cumulative } from "../../src/space/domain.ts";

const evenly = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => (i + 0.5) / count);

/** The values of a distribution and how often each comes up in `count` evenly spread quantiles. */
function sharesOf(node: SpaceNode<number>, count: number): Map<number, number> {
  const domain = domainOf(distributionOf(node));
  const shares = new Map<number, number>();
  for (const unit of evenly(count)) {
    const value = quantile(domain, unit);
    shares.set(value, (shares.get(value) ?? 0) + 1 / count);
  }
  return shares;
}

const valuesOf = (node: SpaceNode<number>): readonly number[] => [...sharesOf(node, 4000).keys()];

describe("quantised ranges", () => {
  it("give every multiple in the range, ends included, the same share", () => {
    for (const node of [
      hp.quniform(0, 10, 0.5),
      hp.uniformint(1, 4),
      hp.int(-3, 3),
      hp.randint(7),
      hp.float(0, 1, { step: 0.25 }),
    ]) {
      const shares = sharesOf(node, 4200);
      for (const share of shares.values()) expect(share).toBeCloseTo(1 / shares.size, 3);
    }
  });

  it("hold the multiples of q for quniform, and steps from the lower bound for float and int", () => {
    expect(valuesOf(hp.quniform(1, 10, 4))).toEqual([4, 8]);
    expect(valuesOf(hp.quniform(1 - 0.499, 4 + 0.499, 1))).toEqual([1, 2, 3, 4]);
    expect(valuesOf(hp.quniform(-0.2, 0.2, 0.1))).toEqual([-0.2, -0.1, 0, 0.1, 0.2]);
    expect(valuesOf(hp.int(1, 10, { step: 4 }))).toEqual([1, 5, 9]);
    expect(valuesOf(hp.float(0.05, 0.35, { step: 0.1 }))).toEqual([0.05, 0.15, 0.25, 0.35]);
    expect(valuesOf(hp.randint(-2, 1))).toEqual([-2, -1, 0]);
    expect(valuesOf(hp.qloguniform(Math.log(8.01), Math.log(64), 16))).toEqual([16, 32, 48, 64]);
  });

  it("reach bounds that rounding in the division would miss", () => {
    expect(valuesOf(hp.quniform(0.1, 0.7, 0.1))).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
    expect(valuesOf(hp.quniform(1 / 3, 1, 1 / 3))).toEqual([1 / 3, 2 / 3, 1]);
    expect(valuesOf(hp.float(0, 2.4, { step: 0.8 }))).toEqual([0, 0.8, 1.6, 2.4]);
  });

  it("never hold -0", () => {
    expect(valuesOf(hp.quniform(-0.4, 0.4, 1)).map((value) => Object.is(value, 0))).toEqual([true]);
    expect(Object.is(nearest(domainOf(distributionOf(hp.qnormal(0, 5, 2))), -0.3), 0)).toBe(true);
  });

  it("on a logarithmic scale give each value the mass of the cell around it, ends included", () => {
    const shares = sharesOf(hp.int(1, 8, { log: true }), 100_000);
    const total = Math.log(8.5 / 0.5);
    for (const [value, share] of shares) expect(share).toBeCloseTo(Math.log((value + 0.5) / (value - 0.5)) / total, 3);
    expect(shares.size).toBe(8);
  });

  it("on a logarithmic scale stay fair where half a step below the lower bound is no positive number", () => {
    const shares = sharesOf(hp.float(0.1, 1, { log: true, step: 0.3 }), 10_000);
    const values = [...shares.values()];
    expect([...shares.keys()]).toEqual([0.1, 0.4, 0.7, 1]);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(values[0]).toBeLessThan(0.7);
  });
});

describe("every distribution", () => {
  const low = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const width = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
  const sigma = fc.double({ min: 1e-3, max: 50, noNaN: true });
  const step = fc.oneof(fc.constantFrom(0.1, 0.5, 1, 3), fc.double({ min: 1e-3, max: 10, noNaN: true }));
  const positive = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
  const logBound = fc.double({ min: -20, max: 10, noNaN: true });
  const logWidth = fc.double({ min: 0.1, max: 15, noNaN: true });
  const integer = fc.integer({ min: -1000, max: 1000 });
  const count = fc.integer({ min: 1, max: 5000 });
  const nodes: fc.Arbitrary<SpaceNode<number>> = fc.oneof(
    fc.tuple(low, width).map(([a, w]) => hp.uniform(a, a + w)),
    fc.tuple(low, width, step).map(([a, w, q]) => hp.quniform(a, a + w + q, q)),
    fc.tuple(logBound, logWidth).map(([a, w]) => hp.loguniform(a, a + w)),
    fc.tuple(logBound, logWidth, step).map(([a, w, q]) => hp.qloguniform(a, Math.log(Math.exp(a + w) + q), q)),
    fc.tuple(low, sigma).map(([mu, s]) => hp.normal(mu, s)),
    fc.tuple(low, sigma, step).map(([mu, s, q]) => hp.qnormal(mu, s, q)),
    fc.tuple(logBound, sigma).map(([mu, s]) => hp.lognormal(mu, s)),
    fc.tuple(logBound, fc.double({ min: 0.1, max: 2, noNaN: true }), step).map(([mu, s, q]) => hp.qlognormal(mu, s, q)),
    fc.tuple(integer, count).map(([a, n]) => hp.randint(a, a + n)),
    fc.tuple(integer, count).map(([a, n]) => hp.uniformint(a, a + n)),
    fc.tuple(positive, width).map(([a, w]) => hp.float(a, a + w, { log: true })),
    fc.tuple(positive, width, step).map(([a, w, q]) => hp.float(a, a + w, { log: true, step: q })),
    fc.tuple(low, width, step).map(([a, w, q]) => hp.float(a, a + w, { step: q })),
    fc.tuple(count, count, count).map(([a, n, q]) => hp.int(a, a + n, { log: true, step: q })),
  );
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it("has as much of its probability at a value and below as led to the value", () => {
    fc.assert(
      fc.property(nodes, unit, (node, u) => {
        const domain = domainOf(distributionOf(node));
        const value = quantile(domain, u);
        const below = cumulative(domain, value);
        const isRounded = domain.kind === "lattice" || (domain.kind === "gaussian" && domain.step !== null);
        // What is rounded has the whole of its cell below it, of a normal half of it.
        if (!isRounded) expect(below).toBeCloseTo(u, 6);
        else if (domain.kind === "lattice") {
          expect(below).toBeGreaterThanOrEqual(u - 1e-9);
          expect(quantile(domain, below - 1e-9 / domain.count)).toBe(value);
        }
        expect(below >= 0 && below <= 1).toBe(true);
      }),
    );
  });

  it("has all of it up to its end, and none of it before its beginning", () => {
    for (const node of [
      hp.uniform(-3, 7),
      hp.int(2, 9, { log: true }),
      hp.quniform(1, 10, 4),
      hp.roundeduniform(30, 50, 5),
      hp.beta(2, 5),
    ]) {
      const domain = domainOf(distributionOf(node));
      expect([cumulative(domain, -1e9), cumulative(domain, 1e9)]).toEqual([0, 1]);
    }
    const options = domainOf(
      distributionOf(
        hp.pchoice([
          [0.2, "a"],
          [0.5, "b"],
          [0.3, "c"],
        ]),
      ),
    );
    expect([0, 1, 2].map((option) => cumulative(options, option))).toEqual([0.2, 0.7, 1]);
  });

  const boundsOf = (distribution: Distribution): readonly [number, number] => {
    if (!("low" in distribution)) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const { kind, low, high } = distribution;
    if (kind === "loguniform") return [Math.exp(low), Math.exp(high)];
    // A multiple may be a bound whose logarithm was rounded.
    return kind === "qloguniform" ? [Math.exp(low) * (1 - 1e-14), Math.exp(high) * (1 + 1e-14)] : [low, high];
  };

  it("yields values that are finite, never outside the bounds, and unchanged by rounding", () => {
    fc.assert(
      fc.property(nodes, unit, (node, u) => {
        const distribution = distributionOf(node);
        const domain = domainOf(distribution);
        const value = quantile(domain, u);
        const [lowest, highest] = boundsOf(distribution);
        expect(value).toBeGreaterThanOrEqual(lowest);
        expect(value).toBeLessThanOrEqual(highest);
        expect(contains(domain, value)).toBe(true);
        expect(nearest(domain, value)).toBe(value);
        if (["randint", "uniformint", "int"].includes(distribution.kind)) expect(Number.isInteger(value)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("reaches its first value at 0 and its last just below 1, never falling in between", () => {
    fc.assert(
      fc.property(nodes, fc.tuple(unit, unit), (node, [u, v]) => {
        const domain = domainOf(distributionOf(node));
        expect(quantile(domain, Math.min(u, v))).toBeLessThanOrEqual(quantile(domain, Math.max(u, v)));
        if (domain.kind !== "lattice") return;
        expect(quantile(domain, 0)).toBe(domain.first);
        // Cells of the finest lattices are as narrow as a rounding error of the logarithm.
        if (domain.count < 1e9) expect(quantile(domain, 1 - 2 ** -53)).toBe(domain.last);
      }),
      { numRuns: 500, examples: [[hp.float(44.80764369911012, 44.80864369911012, { log: true, step: 0.1 }), [0, 0]]] },
    );
  });

  it("knows what is not its own", () => {
    const rejected: readonly (readonly [SpaceNode<number>, readonly number[]])[] = [
      [hp.uniform(0, 1), [-1e-9, 1.1, Number.NaN, Number.POSITIVE_INFINITY]],
      [hp.quniform(0, 1, 0.1), [0.05, 1.1, -0.1]],
      [hp.int(1, 9, { step: 2 }), [2, 11, 1.5]],
      [hp.qnormal(0, 1, 0.5), [0.3]],
      [hp.lognormal(0, 1), [0, -1]],
      [hp.qlognormal(0, 1, 0.5), [-0.5, 0.2]],
    ];
    for (const [node, values] of rejected) {
      for (const value of values) expect(contains(domainOf(distributionOf(node)), value)).toBe(false);
    }
    expect(contains(domainOf(distributionOf(hp.quniform(0, 1, 0.1))), 0.1 * 3)).toBe(true);
    expect(contains(domainOf(distributionOf(hp.qlognormal(0, 1, 0.5))), 0)).toBe(true);
  });
});

describe("a distribution without meaning", () => {
  const cases: readonly [string, () => unknown, string][] = [
    [
      "low above high",
      () => hp.uniform(2, 1),
      "hp.uniform(2, 1) has no meaning: the lower bound 2 must be below the upper bound 1",
    ],
    ["low above high where a bound is 0", () => hp.uniform(0, -1), "the lower bound 0 must be below the upper bound -1"],
    ["an empty range", () => hp.uniform(0, 0), "must be below"],
    ["NaN", () => hp.uniform(Number.NaN, 1), "finite"],
    ["an infinite bound", () => hp.float(0, Number.POSITIVE_INFINITY), "finite"],
    ["an infinite width", () => hp.uniform(-1e308, 1e308), "too far apart"],
    ["no step", () => hp.quniform(0, 1, 0), "q must be a positive finite number, not 0"],
    ["a negative step", () => hp.qnormal(0, 1, -1), "q must be"],
    ["a step lost in rounding", () => hp.quniform(1e17, 1e17 + 1000, 1), "lost in the rounding"],
    ["no multiple in the range", () => hp.quniform(1, 3, 5), "no multiple of 5 lies between the bounds"],
    ["real bounds for logarithms", () => hp.loguniform(1, 1000), "hp.float(low, high, { log: true })"],
    ["real bounds for logarithms, with steps", () => hp.qloguniform(8, 64, 8), "real ones go to hp.float"],
    ["an underflow", () => hp.qloguniform(-1000, 0, 0.1), "beyond floating-point numbers"],
    ["no deviation", () => hp.normal(0, 0), "sigma must be a positive finite number, not 0"],
    ["no mean", () => hp.lognormal(Number.NaN, 1), "mu must be a finite number"],
    ["draws that overflow", () => hp.lognormal(0, 200), "beyond floating-point numbers"],
    ["an empty integer range", () => hp.randint(0), "hp.randint(0) has no meaning: the upper end is exclusive"],
    ["integers that are none", () => hp.uniformint(1, 2.5), "must be integers"],
    ["integers in reverse", () => hp.int(3, 2), "must not be above"],
    ["an integer step that is none", () => hp.int(1, 9, { step: 0.5 }), "step must be a positive integer, not 0.5"],
    ["a logarithm of 0", () => hp.int(0, 9, { log: true }), "needs a lower bound above 0, not 0"],
    [
      "a label in the message",
      () => hp.float(2, 1, { label: "lr", log: true, step: 3 }),
      "'lr': hp.float(2, 1, { log: true, step: 3 })",
    ],
  ];
  for (const [title, build, message] of cases) {
    it(`is refused: ${title}`, () => {
      expect(build).toThrow(expect.objectContaining({ code: "space/bounds", message: expect.stringContaining(message) }));
    });
  }
});

describe("the nearest value", () => {
  it("of a normal or of the exponential of one is a number it can be, however far out", () => {
    for (const node of [hp.normal(0, 1), hp.qnormal(0, 1, 0.1), hp.lognormal(0, 1), hp.qlognormal(0, 1, 3)]) {
      const domain = domainOf(distributionOf(node));
      for (const value of [Infinity, -Infinity, 1e308, -1e308, 1e-320, 0]) {
        expect(nearest(domain, value)).toSatisfy(Number.isFinite);
      }
      expect(contains(domain, nearest(domain, Infinity))).toBe(true);
      expect(contains(domain, nearest(domain, 0))).toBe(true);
    }
  });
});
