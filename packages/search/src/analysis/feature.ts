import { normalCdf, type Rng } from "@argmin/base";
import { latticeEdges, latticeValue, quantile, type Domain } from "../space/domain.ts";
import type { Parameter } from "../space/space.ts";

/**
 * A parameter as the analysis sees it, encoded so that the space's own distribution is even.
 *
 * Ordered: a number in [0, 1], the probability of drawing a smaller value. A logarithmic scale is thereby a logarithmic one here,
 * and whatever scale a space is written on, the same trials give the same numbers. Unordered: the index of an option, with the
 * probability of each.
 */
export type Feature =
  | { readonly kind: "ordered"; readonly label: string; readonly domain: Domain }
  | { readonly kind: "unordered"; readonly label: string; readonly domain: Domain; readonly weights: Float64Array };

/** Up to so many values a `randint`, which has no order, is taken as a set of options; beyond, as a line. */
const largestUnordered = 32;

/** The encoding of a parameter. */
export function featureOf({ label, distribution, domain }: Parameter): Feature {
  const isUnordered =
    domain.kind === "categories" ||
    (distribution.kind === "randint" && domain.kind === "lattice" && domain.count <= largestUnordered);
  if (!isUnordered) return { kind: "ordered", label, domain };
  const weights =
    domain.kind === "categories" && domain.weights !== null
      ? Float64Array.from(domain.weights)
      : new Float64Array(domain.count).fill(1 / domain.count);
  return { kind: "unordered", label, domain, weights };
}

/** Whether the parameter has one value only, so that nothing can depend on it. */
export function isConstant({ domain }: Feature): boolean {
  return (domain.kind === "lattice" || domain.kind === "categories") && domain.count === 1;
}

/** The code of a value of an assignment: a unit in [0, 1], or an option's index. */
export function encodeValue(feature: Feature, value: number): number {
  const { domain } = feature;
  if (domain.kind === "categories") return value;
  if (feature.kind === "unordered" && domain.kind === "lattice") return Math.round(value - domain.first);
  return clampUnit(unitOf(domain, value));
}

/** The value of an assignment that a code stands for: the inverse of `encodeValue` up to rounding onto the domain. */
export function decodeValue({ kind, domain }: Feature, code: number): number {
  if (domain.kind === "categories") return code;
  if (domain.kind === "lattice" && kind === "unordered") return latticeValue(domain, code);
  // A normal has no ends: the last half per cent on each side stands for them.
  if (domain.kind === "gaussian") return quantile(domain, Math.min(0.995, Math.max(0.005, code)));
  return quantile(domain, Math.min(code, largestUnit));
}

/** A code drawn from the space's own distribution. */
export function drawCode(feature: Feature, rng: Rng): number {
  const unit = rng.float();
  if (feature.kind === "ordered") return unit;
  let rest = unit;
  const last = feature.weights.length - 1;
  for (let option = 0; option < last; option++) {
    rest -= feature.weights[option]!;
    if (rest < 0) return option;
  }
  return last;
}

const largestUnit = 1 - 2 ** -53;

/** The probability below a value; in the middle of its cell for a value that has mass of its own. */
function unitOf(domain: Exclude<Domain, { readonly kind: "categories" }>, value: number): number {
  if (domain.kind === "interval") return share(domain.low, domain.high, value, domain.log);
  if (domain.kind === "gaussian") {
    const position = domain.log ? Math.log(Math.max(value, Number.MIN_VALUE)) : value;
    return normalCdf((position - domain.mu) / domain.sigma);
  }
  if (!domain.log) return ((value - domain.first) / domain.step + 0.5) / domain.count;
  const [low, high] = latticeEdges(domain);
  return share(low, high, value, true);
}

function share(low: number, high: number, value: number, log: boolean): number {
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

function clampUnit(unit: number): number {
  return unit < 0 ? 0 : unit > 1 ? 1 : unit;
}
