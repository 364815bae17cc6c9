import { createMatrix, eigenSymmetric, Rng } from "@argmin/base";
import { compileSpace, hp, type Assignment } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { covarianceMatrix, covariancesOf } from "../../../src/sampler/gp/covariances.ts";
import { kernelOf, placesOf, squaredDifference, type Kernel } from "../../../src/sampler/gp/kernel.ts";
import { assignmentAt, isTermActive, layoutOf, pointOf, type Point } from "../../../src/sampler/gp/layout.ts";
import { logLikelihoodOf } from "../../../src/sampler/gp/likelihood.ts";
import { believing, posteriorOf } from "../../../src/sampler/gp/posterior.ts";
import { logPriorOf } from "../../../src/sampler/gp/priors.ts";
import { defaultTuning } from "../../../src/sampler/gp/tuning.ts";
import { randomPoints, treeSpace } from "./spaces.ts";

function randomHyper(count: number, seed: number): Float64Array {
  const rng = Rng.fromSeed(seed);
  return Float64Array.from({ length: count }, () => rng.uniform(-1.5, 0.5));
}

/** The covariance of the objective at two points, term by term as it is defined. */
function covariance({ layout, weights, variances, coupling }: Kernel, x: Point, y: Point): number {
  let sum = 0;
  for (const [t, term] of layout.terms.entries()) {
    if (!isTermActive(term, x) || !isTermActive(term, y)) continue;
    const distance = (dimensions: Uint32Array): number =>
      dimensions.reduce((total, d) => total + weights[d]! * squaredDifference(layout.isUnordered[d]!, x[d]!, y[d]!), 0);
    const inherited = term.ancestors.reduce((total, other) => total + distance(layout.terms[other]!.own), 0);
    sum += variances[t]! * matern(Math.sqrt(distance(term.own) + coupling * inherited));
  }
  return sum;
}

/** Matérn's function with smoothness 5/2 and unit variance. */
function matern(r: number): number {
  return (1 + Math.sqrt(5) * r + (5 / 3) * r ** 2) * Math.exp(-Math.sqrt(5) * r);
}

/** Central differences of a function of a vector. */
function slopeOf(f: (x: Float64Array) => number, x: Float64Array, i: number, step = 1e-5): number {
  return (f(x.with(i, x[i]! + step)) - f(x.with(i, x[i]! - step))) / (2 * step);
}

const flatSpace = compileSpace({ a: hp.uniform(0, 1), b: hp.float(1, 100, { log: true }), c: hp.choice(["x", "y", "z"]) });

describe.each([
  ["a box with a choice", flatSpace],
  ["a tree", treeSpace],
])("the Gaussian process over %s", (_, space) => {
  const { layout, points } = randomPoints(space, 30, "points");
  const { count } = placesOf(layout);
  const rng = Rng.fromSeed("targets");
  const targets = Float64Array.from(points, () => rng.normal());

  it("has covariances without negative eigenvalues", () => {
    for (let seed = 0; seed < 10; seed++) {
      const hyper = randomHyper(count, seed);
      hyper[placesOf(layout).noise] = -30;
      const kernel = kernelOf(layout, hyper);
      const matrix = createMatrix(30, 30);
      for (let i = 0; i < 30; i++)
        for (let j = 0; j < 30; j++) matrix.data[i * 30 + j] = covariance(kernel, points[i]!, points[j]!);
      expect(eigenSymmetric(matrix).values[0]).toBeGreaterThan(-1e-10);
      const lower = covarianceMatrix(kernel, points).data;
      for (let i = 0; i < 30; i++)
        for (let j = 0; j <= i; j++) expect(lower[i * 30 + j]).toBeCloseTo(matrix.data[i * 30 + j]!, 10);
    }
  });

  it("has the gradient of its likelihood and of its priors right", () => {
    const likelihood = logLikelihoodOf(layout, points, targets);
    const prior = logPriorOf(layout, defaultTuning);
    const gradient = new Float64Array(count);
    const unused = new Float64Array(count);
    for (let seed = 0; seed < 3; seed++) {
      const hyper = randomHyper(count, seed);
      likelihood(hyper, gradient);
      for (let i = 0; i < count; i++) {
        expect(gradient[i]).toBeCloseTo(
          slopeOf((x) => likelihood(x, unused), hyper, i),
          5,
        );
      }
      gradient.fill(0);
      prior(hyper, gradient);
      for (let i = 0; i < count; i++)
        expect(gradient[i]).toBeCloseTo(
          slopeOf((x) => prior(x, unused), hyper, i),
          5,
        );
    }
  });

  it("has the slopes of its predictions right", () => {
    const posterior = posteriorOf(kernelOf(layout, randomHyper(count, 1)), points, targets);
    const slopes = { mean: new Float64Array(layout.axes.length), variance: new Float64Array(layout.axes.length) };
    for (const x of randomPoints(space, 5, "elsewhere").points) {
      const { mean, variance } = posterior.predictWithSlopes(x, slopes);
      expect(posterior.predict(x)).toEqual({ mean, variance });
      expect(posterior.mean(x)).toBeCloseTo(mean, 10);
      for (let d = 0; d < x.length; d++) {
        if (layout.isUnordered[d] === 1 || Number.isNaN(x[d]!)) continue;
        expect(slopes.mean[d]).toBeCloseTo(
          slopeOf((at) => posterior.predict(at).mean, x, d),
          5,
        );
        expect(slopes.variance[d]).toBeCloseTo(
          slopeOf((at) => posterior.predict(at).variance, x, d),
          5,
        );
      }
    }
  });

  it("predicts the same of many points at once", () => {
    const posterior = posteriorOf(kernelOf(layout, randomHyper(count, 5)), points, targets);
    const { points: elsewhere } = randomPoints(space, 7, "elsewhere");
    for (const [i, { mean, variance }] of posterior.predictAll(elsewhere).entries()) {
      const alone = posterior.predict(elsewhere[i]!);
      expect(mean).toBeCloseTo(alone.mean, 10);
      expect(variance).toBeCloseTo(alone.variance, 10);
    }
  });

  it("expects at a point what it was told of it, more or less by the noise", () => {
    const posterior = posteriorOf(kernelOf(layout, randomHyper(count, 2)), points, targets);
    for (const [i, point] of points.entries()) expect(posterior.means[i]).toBeCloseTo(posterior.predict(point).mean, 8);
  });

  it("takes what is under way as known, and expects the same as before", () => {
    const posterior = posteriorOf(kernelOf(layout, randomHyper(count, 3)), points, targets);
    const { points: pending } = randomPoints(space, 3, "pending");
    const after = believing(posterior, pending);
    for (const x of randomPoints(space, 5, "elsewhere").points) {
      expect(after.mean(x)).toBeCloseTo(posterior.mean(x), 8);
      expect(after.predict(x).variance).toBeLessThanOrEqual(posterior.predict(x).variance + 1e-12);
    }
    const noise = posterior.kernel.noise;
    for (const x of pending) expect(after.predict(x).variance).toBeLessThanOrEqual(noise);
  });
});

describe("the layout of a tree", () => {
  const layout = layoutOf(treeSpace);
  const labels = (indices: Uint32Array): readonly string[] => Array.from(indices, (d) => layout.parameters[d]!.label).toSorted();

  it("has a term for each set of parameters that are active together, which inherits those that are always active with them", () => {
    const [root, ...others] = layout.terms;
    expect(labels(root!.own)).toEqual(["depth", "fixed", "optimizer", "rate", "shift"]);
    expect(root!.ancestors).toHaveLength(0);
    const byOwn = new Map(
      others.map(({ own, ancestors }) => [
        labels(own).join(),
        labels(Uint32Array.from(ancestors.flatMap((other) => [...layout.terms[other]!.own]))),
      ]),
    );
    expect(byOwn.get("decay")).toEqual(labels(root!.own));
    const warmup = [...byOwn].find(([own]) => own.endsWith("warmup"));
    expect(warmup?.[1]).toHaveLength(7);
  });

  it("does not look at what is inactive", () => {
    const assignment: Assignment = { rate: 0.1, depth: 3, fixed: 0, optimizer: 2, shift: 1 };
    const plain = pointOf(layout, (label) => assignment[label]);
    const extra: Assignment = { ...assignment, decay: 1e-3, "optimizer[0].momentum": 0.5 };
    expect(pointOf(layout, (label) => extra[label])).toEqual(plain);
    const again = assignmentAt(layout, plain!);
    expect(Object.keys(again).toSorted()).toEqual(Object.keys(assignment).toSorted());
    for (const [label, value] of Object.entries(assignment)) expect(again[label]).toBeCloseTo(value, 12);
  });

  it("has no point for an assignment that lacks what is active", () => {
    expect(pointOf(layout, (label) => (label === "shift" ? undefined : 0))).toBeUndefined();
  });

  it("lets points of different branches know of each other by what they share, and of the same branch by all of it", () => {
    const kernel = kernelOf(layout, new Float64Array(placesOf(layout).count));
    const at = (optimizer: number, rate: number, inner: Assignment): Point => {
      const all: Assignment = { rate, depth: 3, fixed: 0, optimizer, shift: 0, ...inner };
      const point = pointOf(layout, (label) => all[label]);
      if (point === undefined) throw new Error("expected a whole point");
      return point;
    };
    const [momentum, schedule, beta] = ["momentum", "schedule", "beta"].map(
      (name) => layout.parameters.find(({ label }) => label.endsWith(name))!.label,
    );
    const sgd = (rate: number, value: number): Point => at(0, rate, { decay: 1e-4, [momentum!]: value, [schedule!]: 0 });
    const adam = (rate: number, value: number): Point => at(1, rate, { decay: 1e-4, [beta!]: value });
    expect(covariance(kernel, sgd(0.1, 0.2), adam(0.1, 0.9))).toBe(covariance(kernel, sgd(0.1, 0.8), adam(0.1, 0.82)));
    expect(covariance(kernel, sgd(0.1, 0.2), adam(0.1, 0.9))).toBeGreaterThan(covariance(kernel, sgd(0.1, 0.2), adam(1e-4, 0.9)));
    expect(covariance(kernel, sgd(0.1, 0.2), sgd(0.1, 0.3))).toBeGreaterThan(covariance(kernel, sgd(0.1, 0.2), sgd(0.1, 0.9)));
  });
});

describe("covariances with many points", () => {
  it("are those with each of them", () => {
    const { layout, points } = randomPoints(treeSpace, 12, "many");
    const kernel = kernelOf(layout, randomHyper(placesOf(layout).count, 4));
    const covariances = new Float64Array(12);
    covariancesOf(kernel, points).at(points[3]!, covariances);
    for (let i = 0; i < 12; i++) expect(covariances[i]).toBeCloseTo(covariance(kernel, points[3]!, points[i]!), 12);
  });
});
