import { normalLogPdf } from "@argmin/base";
import { latticeEdges, latticeValue, nearest, type Gaussian, type Interval, type Lattice } from "../../space/domain.ts";
import type { Parameter } from "../../space/space.ts";

/**
 * A parameter as a number on a line where its prior is flat between 0 and 1, or, for a normal distribution, where four of its
 * standard deviations are 1.
 */
export type NumericAxis = {
  readonly kind: "numeric";
  readonly label: string;
  readonly low: number;
  readonly high: number;
  /** The distance of neighbouring values, 0 if there are none. */
  readonly step: number;
  readonly toCoordinate: (value: number) => number;
  /** The value whose coordinate is nearest. */
  readonly toValue: (coordinate: number) => number;
  readonly logPrior: (coordinate: number) => number;
};

/** A parameter of few values, by their index. */
export type DiscreteAxis = {
  readonly kind: "discrete";
  readonly label: string;
  readonly count: number;
  /** Where the cell of each value begins on a line from 0 to 1, and at last 1; `null` of values without an order. */
  readonly edges: Float64Array | null;
  /** Where the values themselves lie on that line; empty of values without an order. */
  readonly centres: Float64Array;
  /** Whether all cells are equally wide. */
  readonly isEven: boolean;
  readonly toCoordinate: (value: number) => number;
  readonly toValue: (coordinate: number) => number;
  /** By index. */
  readonly logPriors: Float64Array;
};

/** A parameter as the estimators see it: each of its values is a coordinate. */
export type Axis = NumericAxis | DiscreteAxis;

/** Up to so many values of a lattice have a probability each; of more, the density stands for it. */
const discreteLimit = 128;

/** How many standard deviations of a normal distribution count as much as the whole range of a uniform one. */
export const gaussianWidth = 4;

export function axisOf({ label, domain, distribution }: Parameter): Axis {
  if (domain.kind === "interval") return intervalAxis(label, domain);
  if (domain.kind === "gaussian") return gaussianAxis(label, domain);
  if (domain.kind === "categories") return unorderedAxis(label, domain.count, domain.weights);
  if (distribution.kind === "randint" && domain.count <= discreteLimit) return randintAxis(label, domain);
  return domain.count <= discreteLimit ? latticeAxis(label, domain) : fineLatticeAxis(label, domain);
}

function intervalAxis(label: string, domain: Interval): NumericAxis {
  const place = scaleOf(domain.log);
  const low = place(domain.low);
  const width = place(domain.high) - low;
  return {
    kind: "numeric",
    label,
    low: 0,
    high: 1,
    step: 0,
    toCoordinate: (value) => (width > 0 ? within((place(value) - low) / width) : 0.5),
    toValue: (coordinate) => nearest(domain, unscaled(low + width * coordinate, domain.log)),
    logPrior: () => 0,
  };
}

function gaussianAxis(label: string, domain: Gaussian): NumericAxis {
  const { mu, sigma, log, step } = domain;
  const place = scaleOf(log);
  const width = sigma * gaussianWidth;
  // On a logarithmic scale the cell of 0 has no left end: a quarter of a step stands for its middle.
  const smallest = log && step !== null ? step / 4 : Number.MIN_VALUE;
  return {
    kind: "numeric",
    label,
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
    step: log || step === null ? 0 : step / width,
    toCoordinate: (value) => (place(log ? Math.max(smallest, value) : value) - mu) / width,
    toValue: (coordinate) => nearest(domain, unscaled(mu + width * coordinate, log)),
    logPrior: (coordinate) => normalLogPdf(coordinate * gaussianWidth) + logGaussianWidth,
  };
}

const logGaussianWidth = Math.log(gaussianWidth);

function unorderedAxis(label: string, count: number, weights: readonly number[] | null): DiscreteAxis {
  const even = 1 / count;
  return {
    kind: "discrete",
    label,
    count,
    edges: null,
    centres: new Float64Array(0),
    isEven: true,
    toCoordinate: (value) => Math.min(Math.max(Math.round(value), 0), count - 1),
    toValue: (coordinate) => coordinate,
    logPriors: Float64Array.from({ length: count }, (_, i) => Math.log(weights?.[i] ?? even)),
  };
}

function randintAxis(label: string, domain: Lattice): DiscreteAxis {
  return {
    ...unorderedAxis(label, domain.count, null),
    toCoordinate: (value) => indexOf(domain, value),
    toValue: (coordinate) => latticeValue(domain, coordinate),
  };
}

function latticeAxis(label: string, domain: Lattice): DiscreteAxis {
  const { count, log } = domain;
  const edges = new Float64Array(count + 1);
  const centres = new Float64Array(count);
  const place = placeOnLattice(domain);
  for (let k = 0; k < count; k++) {
    centres[k] = place(latticeValue(domain, k));
    edges[k + 1] = k === count - 1 ? 1 : place(latticeValue(domain, k) + domain.step / 2);
  }
  return {
    kind: "discrete",
    label,
    count,
    edges,
    centres,
    isEven: !log,
    toCoordinate: (value) => indexOf(domain, value),
    toValue: (coordinate) => latticeValue(domain, coordinate),
    logPriors: Float64Array.from(centres, (_, k) => Math.log(edges[k + 1]! - edges[k]!)),
  };
}

function fineLatticeAxis(label: string, domain: Lattice): NumericAxis {
  const [low, high] = latticeEnds(domain);
  const place = placeOnLattice(domain);
  return {
    kind: "numeric",
    label,
    low: 0,
    high: 1,
    step: domain.log ? 0 : 1 / domain.count,
    toCoordinate: (value) => within(place(value)),
    toValue: (coordinate) => nearest(domain, unscaled(low + (high - low) * coordinate, domain.log)),
    logPrior: () => 0,
  };
}

/** From a value of a lattice to its place between the ends of the first and of the last cell, 0 and 1. */
function placeOnLattice(domain: Lattice): (value: number) => number {
  const place = scaleOf(domain.log);
  const [low, high] = latticeEnds(domain);
  return (value) => (place(value) - low) / (high - low);
}

function latticeEnds(domain: Lattice): readonly [number, number] {
  const [low, high] = domain.log ? latticeEdges(domain) : [domain.first - domain.step / 2, domain.last + domain.step / 2];
  const place = scaleOf(domain.log);
  return [place(low), place(high)];
}

function indexOf({ first, step, count }: Lattice, value: number): number {
  return Math.min(Math.max(Math.round((value - first) / step), 0), count - 1);
}

function scaleOf(log: boolean): (value: number) => number {
  return log ? (value) => Math.log(value) : (value) => value;
}

function unscaled(place: number, log: boolean): number {
  return log ? Math.exp(place) : place;
}

/** Values of an earlier space may lie outside of this one. */
function within(coordinate: number): number {
  return coordinate > 0 ? Math.min(coordinate, 1) : 0;
}
