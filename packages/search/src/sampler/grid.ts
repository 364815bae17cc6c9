import { ArgminError, isJsonObject, Rng, type JsonValue } from "@argmin/base";
import { callOf } from "../space/distribution-check.ts";
import { nearest, quantile, type Domain } from "../space/domain.ts";
import { createEnumeration, valuesOf, type Enumeration, type Values } from "../space/enumeration.ts";
import type { Parameter, Space } from "../space/space.ts";
import { createPermutation } from "./permutation.ts";
import type { Sampler } from "./sampler.ts";
import type { SettingsSchema } from "./settings.ts";

export const gridSettings = {
  order: {
    kind: "choice",
    options: ["natural", "shuffled"],
    default: "natural",
    summary: "natural: as in nested loops, the last parameter fastest; shuffled: every point once, in an order made of the seed",
  },
  seed: { kind: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0, summary: "the seed of the shuffled order" },
  points: {
    kind: "integers-by-label",
    minimum: 1,
    maximum: 1_000_000,
    default: null,
    summary: "how many values to take of a parameter: one number for all that have infinitely many, or an object by label",
  },
} as const satisfies SettingsSchema;

export type GridSettings = {
  readonly order: "natural" | "shuffled";
  readonly seed: number;
  readonly points: number | { readonly [label: string]: number } | null;
};

/** Settings that `completeSettings` has checked, with the types that it has checked them for. */
export function gridSettingsFrom(settings: { readonly [name: string]: JsonValue }): GridSettings {
  const { order, seed, points } = settings;
  return {
    order: order === "shuffled" ? "shuffled" : "natural",
    seed: typeof seed === "number" ? seed : 0,
    points: isJsonObject(points)
      ? Object.fromEntries(Object.entries(points).filter((entry): entry is [string, number] => typeof entry[1] === "number"))
      : typeof points === "number"
        ? points
        : null,
  };
}

/**
 * Proposes every configuration of a finite space once: suggestion number n is point number n.
 *
 * @remarks The points are computed, never listed: opening a grid costs the same for ten points as for 10^12. Of a parameter with
 *   infinitely many values, and of any that `points` names, it takes as many as `points` says: evenly spaced on the parameter's
 *   scale with both ends, or, where there are no ends, the middles of parts of equal probability.
 */
export function createGridSampler(settings: GridSettings): Sampler {
  // What a space's grid is follows from the space and the settings: kept only so as not to compute it for each trial.
  const grids = new WeakMap<Space, Enumeration>();
  const gridOf = (space: Space): Enumeration => {
    const grid = grids.get(space) ?? openGrid(space, settings);
    grids.set(space, grid);
    return grid;
  };
  return {
    name: "grid",
    settings: { ...settings },
    suggest: ({ space, index }) => {
      const grid = gridOf(space);
      if (BigInt(index) >= grid.size) {
        const points = grid.size === 1n ? "1 point, which has" : `${grid.size} points, all of which have`;
        throw new ArgminError("sampler/exhausted", `The grid has ${points} been proposed; there is nothing left to try.`);
      }
      return grid.at(BigInt(index));
    },
  };
}

/**
 * The grid itself, to count or to walk it without a study.
 *
 * @throws ArgminError `sampler/unsupported` if a parameter has infinitely many values and `points` does not say how many to take.
 */
export function openGrid(space: Space, { order, seed, points }: GridSettings): Enumeration {
  if (typeof points === "object") checkLabels(space, points ?? {});
  const grid = createEnumeration(space.parameters, (parameter) => gridValues(parameter, points));
  if (grid === undefined) throw unsupported(space);
  if (order === "natural") return grid;
  const permute = createPermutation(grid.size, Rng.fromSeed(seed).split("grid"));
  return { size: grid.size, at: (index) => grid.at(permute(index)) };
}

function checkLabels(space: Space, points: { readonly [label: string]: number }): void {
  const stranger = Object.keys(points).find((label) => (space.parameter(label)?.distribution.kind ?? "choice") === "choice");
  if (stranger === undefined) return;
  const problem =
    space.parameter(stranger) === undefined ? "is no parameter of the space" : "is a choice, of which a grid has every option";
  throw new ArgminError("value/invalid", `The setting 'points' of the sampler 'grid' names '${stranger}', which ${problem}.`);
}

function gridValues({ label, domain }: Parameter, points: GridSettings["points"]): Values | undefined {
  const all = valuesOf(domain);
  const count = typeof points === "number" ? (all === undefined ? points : undefined) : points?.[label];
  if (count === undefined || (all !== undefined && all.count <= count)) return all;
  // Rounding may move several points to one value: a grid has it once.
  const values = [...new Set(Array.from({ length: count }, (_, k) => pointOf(domain, k, count)))];
  return { count: values.length, at: (k) => values[k]! };
}

function pointOf(domain: Domain, k: number, count: number): number {
  const ends =
    domain.kind === "interval" ? [domain.low, domain.high] : domain.kind === "lattice" ? [domain.first, domain.last] : [];
  const [low, high] = ends;
  if (low === undefined || high === undefined || count === 1) return quantile(domain, (k + 0.5) / count);
  if (k === count - 1) return high;
  const isLog = domain.kind !== "categories" && domain.log;
  return nearest(domain, isLog ? low * (high / low) ** (k / (count - 1)) : low + (high - low) * (k / (count - 1)));
}

function unsupported(space: Space): ArgminError {
  const endless = space.parameters.find(
    (parameter) => parameter.distribution.kind !== "choice" && valuesOf(parameter.domain) === undefined,
  );
  return new ArgminError(
    "sampler/unsupported",
    endless === undefined || space.parameters.some((parameter) => parameter.condition === "requested")
      ? "A grid must know the whole space before it starts, but these trials ask for their parameters one by one; define the space beforehand."
      : `A grid cannot list the values of '${endless.label}', ${callOf(endless.distribution)}; give it a step, or set how many points to take: points: { "${endless.label}": 5 }.`,
  );
}
