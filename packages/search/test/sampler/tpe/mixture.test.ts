import { Rng } from "@argmin/base";
import { compileSpace, hp, type SpaceNode } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { axisOf, type Axis } from "../../../src/sampler/tpe/axis.ts";
import { widthsOf } from "../../../src/sampler/tpe/bandwidth.ts";
import { drawPrior } from "../../../src/sampler/tpe/kernels.ts";
import { Mixture } from "../../../src/sampler/tpe/mixture.ts";

const distributions: Readonly<Record<string, SpaceNode<unknown>>> = {
  "a real range": hp.uniform(-3, 40),
  "a logarithmic range": hp.float(1e-6, 1, { log: true }),
  "a normal": hp.normal(5, 2),
  "the exponential of a normal": hp.lognormal(0, 1),
  "a normal in steps": hp.qnormal(0, 10, 1),
  integers: hp.int(1, 12),
  "integers on a logarithmic scale": hp.int(1, 100, { log: true }),
  "one value": hp.int(4, 4),
  "many steps": hp.quniform(0, 1000, 1),
  "options without an order": hp.choice(Array.from({ length: 100 }, (_, i) => i)),
  "options of unequal probability": hp.pchoice([
    [0.7, "a"],
    [0.299, "b"],
    [0.001, "c"],
  ]),
};

function axisFor(node: SpaceNode<unknown>): Axis {
  return axisOf(compileSpace({ p: node }).parameters[0]!);
}

function mixtureOn(axes: readonly Axis[], kernels: number, priorWeight = 1, scale = 0.3): Mixture {
  const rng = Rng.fromSeed("kernels");
  const columns = axes.map((axis) => Float64Array.from({ length: kernels }, () => drawPrior(axis, rng)));
  const weights = Float64Array.from({ length: kernels }, () => 0.5 + rng.float());
  const widths = widthsOf({ axes, columns, weights, count: kernels }, { scale, smallestBandwidth: 0.001, redraws: 1 });
  return new Mixture({ axes, columns, weights, priorWeight, widths });
}

/** Every value of an axis, or points so close that their densities, times their distance, are their masses. */
function pointsOf(axis: Axis): { readonly points: readonly number[]; readonly width: number } {
  if (axis.kind === "discrete") return { points: Array.from({ length: axis.count }, (_, i) => i), width: 1 };
  const [low, high] = Number.isFinite(axis.low) ? [0, 1] : [-4, 4];
  const count = 2000;
  const width = (high - low) / count;
  return { points: Array.from({ length: count }, (_, i) => low + (i + 0.5) * width), width };
}

describe.each(Object.entries(distributions))("a mixture over %s", (_, node) => {
  const axis = axisFor(node);

  it.each([0, 1, 7, 40])("has all of its mass within the domain, with %i kernels", (kernels) => {
    const mixture = mixtureOn([axis], kernels);
    const { points, width } = pointsOf(axis);
    const mass = points.reduce((sum, x) => sum + Math.exp(mixture.logDensity(Float64Array.of(x))) * width, 0);
    expect(mass).toBeCloseTo(1, 3);
    const isBelow = (point: Float64Array): boolean => mixture.logDensityOfPrior(point) <= mixture.logDensity(point) + 1e-12;
    expect(points.map((x) => Float64Array.of(x)).filter((point) => !isBelow(point))).toEqual([]);
  });

  it("is drawn from as its density says", () => {
    const mixture = mixtureOn([axis], 5);
    const { points, width } = pointsOf(axis);
    const parts = 8;
    // Parts of about equal probability, found by adding up the density.
    const bounds: number[] = [];
    let mass = 0;
    const shares = new Float64Array(parts + 1);
    for (const x of points) {
      const part = Math.min(parts - 1, Math.floor(mass * parts));
      const here = Math.exp(mixture.logDensity(Float64Array.of(x))) * width;
      mass += here;
      shares[part]! += here;
      bounds[part] = x + (axis.kind === "discrete" ? 0.5 : width / 2);
    }
    const rng = Rng.fromSeed("draws");
    const draws = 4000;
    const counts = new Float64Array(parts + 1);
    const point = new Float64Array(1);
    for (let i = 0; i < draws; i++) {
      mixture.sample(rng, point);
      const part = bounds.findIndex((bound) => bound !== undefined && point[0]! <= bound);
      counts[part === -1 ? parts - 1 : part]! += 1 / draws;
    }
    for (let part = 0; part < parts; part++) expect(Math.abs(counts[part]! - shares[part]!)).toBeLessThan(0.035);
  });
});

describe("a mixture over several parameters", () => {
  it("is a density of all of them together", () => {
    const axes = [axisFor(hp.uniform(0, 1)), axisFor(hp.choice(["a", "b", "c"])), axisFor(hp.int(1, 4))];
    const mixture = mixtureOn(axes, 12, 0.5);
    let mass = 0;
    for (let i = 0; i < 400; i++) {
      for (let option = 0; option < 3; option++) {
        for (let k = 0; k < 4; k++) mass += Math.exp(mixture.logDensity(Float64Array.of((i + 0.5) / 400, option, k))) / 400;
      }
    }
    expect(mass).toBeCloseTo(1, 4);
  });
});
