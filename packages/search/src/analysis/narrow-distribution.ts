import { normalQuantile } from "@argmin/base";
import { lookUp, type Distribution, type DistributionTable } from "../space/distribution.ts";
import { domainOf, latticeValue, quantile } from "../space/domain.ts";

/** A part of a parameter's range, in units of probability. */
export type Part = readonly [low: number, high: number];

/** A range that keeps more than this of what it had is not worth changing. */
const mostKept = 0.8;

/**
 * The distribution of the same kind (or an even one on the same values, of a beta and of rounded draws) over a part of its range, with bounds rounded outwards to two digits, or onto its own steps, and
 * never beyond the old ones. A normal, which has no bounds, is moved and narrowed so that two thirds of its draws fall into the part.
 *
 * @returns `undefined` where nothing sensible is left, the gain would be small, or the values have no order.
 */
export function narrowed(distribution: Distribution, part: Part): Distribution | undefined {
  if (part[1] - part[0] > mostKept) return undefined;
  return lookUp<Distribution["kind"], (part: Part) => Distribution | undefined>(narrowers, distribution)(part);
}

const narrowers: DistributionTable<(part: Part) => Distribution | undefined> = {
  uniform: (it) => (part) => {
    const bounds = plainBounds(valuesOf(it, part), it);
    return bounds && { ...it, ...bounds };
  },
  quniform: (it) => (part) => withSteps(it, part),
  loguniform: (it) => (part) => {
    const logs = valuesOf(it, part).map(Math.log);
    const bounds = plainBounds([logs[0]!, logs[1]!], it);
    return bounds && { ...it, ...bounds };
  },
  qloguniform: (it) => (part) => {
    const steps = stepsOf(it, part);
    if (steps === undefined) return undefined;
    // To three decimals, which may take in a further value but never loses one.
    const low = Math.max(it.low, Math.floor(Math.log(steps.low) * 1000) / 1000);
    const high = Math.min(it.high, Math.ceil(Math.log(steps.high) * 1000) / 1000);
    return { ...it, low, high };
  },
  normal: (it) => (part) => narrowNormal(it, part),
  qnormal: (it) => (part) => narrowNormal(it, part),
  lognormal: (it) => (part) => narrowNormal(it, part),
  qlognormal: (it) => (part) => narrowNormal(it, part),
  roundeduniform: (it) => (part) => {
    const steps = stepsOf(it, part);
    return steps && { kind: "quniform", ...steps, q: it.q };
  },
  roundedloguniform: (it) => (part) => {
    const steps = stepsOf(it, part);
    if (steps === undefined || steps.low === 0) return undefined;
    return { kind: "qloguniform", low: Math.log(steps.low), high: Math.log(steps.high), q: it.q };
  },
  beta: (it) => (part) => {
    const bounds = plainBounds(valuesOf(it, part), { low: 0, high: 1 });
    return bounds && { kind: "uniform", ...bounds };
  },
  qbeta: (it) => (part) => {
    const steps = stepsOf(it, part);
    return steps && { kind: "quniform", ...steps, q: it.q };
  },
  randint: () => () => undefined,
  uniformint: (it) => (part) => withSteps(it, part),
  float: (it) => (part) => {
    if (it.step !== null) return withSteps(it, part);
    const values = valuesOf(it, part);
    const bounds = it.log ? logBounds(values, it) : plainBounds(values, it);
    return bounds && { ...it, ...bounds };
  },
  int: (it) => (part) => withSteps(it, part),
  choice: () => () => undefined,
};

type Bounds = { readonly low: number; readonly high: number };

function valuesOf(distribution: Distribution, [low, high]: Part): readonly [number, number] {
  const domain = domainOf(distribution);
  return [quantile(domain, low), quantile(domain, Math.min(high, 1 - 2 ** -53))];
}

/** Rounded outwards to two digits of their distance. */
function plainBounds([low, high]: readonly [number, number], old: Bounds): Bounds | undefined {
  if (!(high > low)) return undefined;
  const unit = 10 ** (Math.floor(Math.log10(high - low)) - 1);
  return within({ low: tidy(Math.floor(low / unit) * unit), high: tidy(Math.ceil(high / unit) * unit) }, old);
}

/** Each rounded outwards to two digits of its own. */
function logBounds([low, high]: readonly [number, number], old: Bounds): Bounds | undefined {
  if (!(high > low)) return undefined;
  const [under, over] = [low, high].map((value) => 10 ** (Math.floor(Math.log10(value)) - 1));
  return within({ low: tidy(Math.floor(low / under!) * under!), high: tidy(Math.ceil(high / over!) * over!) }, old);
}

function within({ low, high }: Bounds, old: Bounds): Bounds | undefined {
  const bounds = { low: Math.max(low, old.low), high: Math.min(high, old.high) };
  const isChanged = bounds.low > old.low || bounds.high < old.high;
  return isChanged && bounds.low < bounds.high ? bounds : undefined;
}

function withSteps<D extends Distribution & Bounds>(distribution: D, part: Part): D | undefined {
  const bounds = stepsOf(distribution, part);
  return bounds && { ...distribution, ...bounds };
}

/** The values with steps around the part, two at least. */
function stepsOf(distribution: Distribution, part: Part): Bounds | undefined {
  const domain = domainOf(distribution);
  if (domain.kind !== "lattice") return undefined;
  const values = valuesOf(distribution, part);
  const [from, to] = values.map((value) => Math.round((value - domain.first) / domain.step));
  const first = Math.max(0, from === to ? from! - 1 : from!);
  const last = Math.min(domain.count - 1, from === to ? to! + 1 : to!);
  if (last - first + 1 >= domain.count || last <= first) return undefined;
  return { low: latticeValue(domain, first), high: latticeValue(domain, last) };
}

function narrowNormal<D extends Distribution & { readonly mu: number; readonly sigma: number }>(
  it: D,
  part: Part,
): D | undefined {
  const [low, high] = part.map((unit) => it.mu + it.sigma * normalQuantile(Math.min(0.995, Math.max(0.005, unit))));
  const half = (high! - low!) / 2;
  if (!(half > 0) || half > mostKept * it.sigma) return undefined;
  const unit = 10 ** (Math.floor(Math.log10(half)) - 1);
  return { ...it, mu: tidy(Math.round((low! + high!) / 2 / unit) * unit), sigma: tidy(Math.ceil(half / unit) * unit) };
}

/** Without the digits that rounding leaves behind: 0.30000000000000004 is 0.3. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12)) + 0;
}
