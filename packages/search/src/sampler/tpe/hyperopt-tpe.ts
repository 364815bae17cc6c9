import type { Rng } from "@argmin/base";
import { isActive } from "../../space/decode.ts";
import { latticeEdges, latticeValue, nearest, type Domain } from "../../space/domain.ts";
import type { Parameter } from "../../space/space.ts";
import { finishedStates } from "../history.ts";
import { createRandomSampler } from "../random.ts";
import type { Sampler, SuggestContext } from "../sampler.ts";
import {
  adaptiveParzen,
  categoryProbabilities,
  drawFromMixture,
  goodCount,
  goodTrials,
  linearForgetting,
  logMassWithin,
  mixtureLogDensity,
  type Extent,
  type NormalMixture,
} from "./hyperopt-parzen.ts";
import type { HyperoptTpeSettings } from "./settings.ts";

/** How hyperopt sees a parameter: normals on a line, or options with pseudo-counts for each unit of prior weight. */
type Model =
  | { readonly kind: "normals"; readonly extent: Extent; readonly mu: number; readonly sigma: number }
  | { readonly kind: "options"; readonly pseudoCounts: Float64Array; readonly first: number };

/** One side's estimate of one parameter. */
type Estimate = {
  readonly draw: (rng: Rng) => number;
  /** Of a value, or of its cell. */
  readonly logDensity: (value: number) => number;
};

/**
 * hyperopt's tree-structured Parzen estimator, its rules and its defaults: each parameter by itself, from the trials in which
 * it was active.
 *
 * @remarks Unlike hyperopt it never leaves the bounds, and the ends of a quantised range have the mass of a full cell where the
 *   distribution gives it to them. Trials that failed or are pending have an infinite loss, as they do there.
 */
export function createHyperoptTpeSampler(settings: HyperoptTpeSettings): Sampler {
  const random = createRandomSampler();
  return {
    name: "hyperopt-tpe",
    settings: { ...settings },
    suggest: (context) => {
      const { space, history, pending, rng } = context;
      if (history.length + pending.length < settings.startUpTrials) return random.suggest(context);
      const good = goodRows(context, settings);
      const assignment: Record<string, number> = {};
      for (const parameter of space.parameters) {
        const { label, condition } = parameter;
        if (condition !== "requested" && !isActive(parameter, assignment, assignment)) continue;
        assignment[label] = suggestValue(parameter, context, settings, good, rng.split(label));
      }
      return assignment;
    },
  };
}

function goodRows({ history, pending }: SuggestContext, { gamma }: HyperoptTpeSettings): ReadonlySet<number> {
  const losses = new Float64Array(history.length + pending.length).fill(Number.POSITIVE_INFINITY);
  for (let row = 0; row < history.length; row++) {
    const objective = history.objectives[row]!;
    if (finishedStates[history.states[row]!] !== "failed" && !Number.isNaN(objective)) losses[row] = objective;
  }
  return goodTrials(losses, goodCount(losses.length, gamma, linearForgetting));
}

function suggestValue(
  parameter: Parameter,
  { history, pending }: SuggestContext,
  { candidates, priorWeight }: HyperoptTpeSettings,
  good: ReadonlySet<number>,
  rng: Rng,
): number {
  const { values, rows } = history.column(parameter.label);
  const below: number[] = [];
  const above: number[] = [];
  for (let i = 0; i < rows.length; i++) (good.has(rows[i]!) ? below : above).push(values[i]!);
  for (const assignment of pending) {
    const value = assignment[parameter.label];
    if (value !== undefined) above.push(value);
  }
  const model = modelOf(parameter);
  const [left, right] = [estimate(model, below, priorWeight), estimate(model, above, priorWeight)];
  let [best, bestScore] = [Number.NaN, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < candidates; i++) {
    const value = nearest(parameter.domain, left.draw(rng));
    const score = left.logDensity(value) - right.logDensity(value);
    // Where neither side has any density the score is NaN, which is better than none.
    if (Number.isNaN(best) || score > bestScore) [best, bestScore] = [value, Number.isNaN(score) ? bestScore : score];
  }
  return best;
}

/** What one side, the good trials or the others, says of a parameter. */
export function estimate(model: Model, observations: readonly number[], priorWeight: number): Estimate {
  if (model.kind === "options") {
    const { first, pseudoCounts } = model;
    const last = pseudoCounts.length - 1;
    const probabilities = categoryProbabilities(
      Float64Array.from(observations, (value) => Math.min(Math.max(Math.round(value - first), 0), last)),
      pseudoCounts.map((count) => count * priorWeight),
      linearForgetting,
    );
    return {
      draw: (rng) => first + drawIndex(probabilities, rng.float()),
      logDensity: (value) => Math.log(probabilities[value - first]!),
    };
  }
  const { extent } = model;
  const mixture = mixtureOf(model, observations, priorWeight);
  const logMass = logMassWithin(mixture, extent.bounds);
  return {
    draw: (rng) => drawFromMixture(mixture, extent, rng),
    logDensity: (value) => mixtureLogDensity(mixture, extent, value, logMass),
  };
}

/** The mixture behind the estimate of a parameter on a line. */
export function mixtureOf(
  { extent, mu, sigma }: Extract<Model, { readonly kind: "normals" }>,
  observations: readonly number[],
  priorWeight: number,
): NormalMixture {
  // Values that were rounded to below the range, to 0 at the most, count as its lower end.
  const lowest = Math.max(smallestValue, Math.exp(extent.bounds?.[0] ?? Number.NEGATIVE_INFINITY));
  const places = Float64Array.from(observations, (value) => (extent.log ? Math.log(Math.max(value, lowest)) : value));
  return adaptiveParzen(places, { weight: priorWeight, mu, sigma }, linearForgetting);
}

const smallestValue = 1e-12;

/** More integers than that are taken as a line: a count for each would say nothing. */
const optionLimit = 10_000;

function drawIndex(probabilities: Float64Array, unit: number): number {
  let rest = unit;
  for (let i = 0; i < probabilities.length - 1; i++) {
    rest -= probabilities[i]!;
    if (rest < 0) return i;
  }
  return probabilities.length - 1;
}

export function modelOf({ domain, distribution }: Parameter): Model {
  if (distribution.kind === "quniform" || distribution.kind === "qloguniform") {
    const { low, high, q } = distribution;
    return between(low, high, distribution.kind === "qloguniform", q);
  }
  if (distribution.kind === "randint" && domain.kind === "lattice" && domain.count <= optionLimit) {
    const { low, high } = distribution;
    return { kind: "options", pseudoCounts: new Float64Array(high - low).fill(1), first: low };
  }
  return modelOfDomain(domain);
}

function modelOfDomain(domain: Domain): Model {
  if (domain.kind === "categories") {
    const { count, weights } = domain;
    return {
      kind: "options",
      pseudoCounts: Float64Array.from({ length: count }, (_, i) => count * (weights?.[i] ?? 1 / count)),
      first: 0,
    };
  }
  if (domain.kind === "gaussian") {
    const { mu, sigma, log, step } = domain;
    return { kind: "normals", extent: { log, bounds: null, step }, mu, sigma };
  }
  if (domain.kind === "interval") {
    const { low, high, log } = domain;
    return between(log ? Math.log(low) : low, log ? Math.log(high) : high, log, null);
  }
  const { first, step, count, log } = domain;
  // The cells of the ends are whole ones.
  const [low, high] = log ? latticeEdges(domain) : [first - step / 2, latticeValue(domain, count - 1) + step / 2];
  return between(log ? Math.log(low) : low, log ? Math.log(high) : high, log, step);
}

function between(low: number, high: number, log: boolean, step: number | null): Model {
  // A range of one value has no width, but a distribution must.
  const sigma = Math.max(high - low, Number.MIN_VALUE);
  return { kind: "normals", extent: { log, bounds: [low, high], step }, mu: low + (high - low) / 2, sigma };
}
