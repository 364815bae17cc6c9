import { normalCdf, normalPdf, type Rng } from "@argmin/base";
import type { Assignment, Space } from "../../space/space.ts";
import type { Sampler } from "../sampler.ts";
import { observationsOf, type Observations } from "./observations.ts";
import { drawPoint, settle, type Point } from "./points.ts";
import { fitProcess, type Process } from "./process.ts";
import type { WandbBayesSettings } from "./settings.ts";

/** The model is made from so many trials at most, drawn with replacement from more, and from so many under way. */
const observationLimit = 100;
const underWayLimit = 95;

/** Added to predicted standard deviations before dividing by them. */
const leastDeviation = 1e-6;

/**
 * The search that Weights & Biases calls `bayes`, as its `sweeps` package has it: for comparison, and for who wants to go on as before.
 *
 * @remarks Each parameter is a coordinate from 0 to 1, its value's place in its distribution; a choice is the place of its option in
 *   the list, so that options are taken for ordered. A Gaussian process with one length scale is fitted to the trials, then again with
 *   those under way at the values that it expects of them, and of uniform draws the one with the greatest expected improvement is
 *   proposed. With fewer than two finished trials, or when the length scale has run into its bounds, the proposal is drawn by chance.
 *   W&B knows no conditions: here a parameter that is inactive stands in the middle of its range. A falsy value (0, false, "") of a
 *   choice is there taken for its first option, here for itself.
 */
export function createWandbBayesSampler(settings: WandbBayesSettings): Sampler {
  // A suggestion that is turned down is asked for again of the same trials.
  const memory = new WeakMap<Space, Model>();
  return {
    name: "wandb-bayes",
    settings: { ...settings },
    readsReports: true,
    suggest: (context) => {
      const { space, rng, studyRng, number } = context;
      const { parameters } = space;
      const candidates = rng.split("candidates");
      const observations = observationsOf(context, parameters, settings);
      const byChance = (): Assignment => settle(parameters, drawPoint(parameters, candidates));
      if (observations.points.length < 2 || parameters.length === 0) return byChance();
      const data = limited(observations, studyRng.split("observations", number));
      const known = memory.get(space);
      const model = known !== undefined && areEqual(known.data, data) ? known : { data, process: modelOf(data) };
      memory.set(space, model);
      const { process } = model;
      if (process === undefined || process.isAtBounds) return byChance();
      // Of all trials, also of those that the model was not made from.
      const incumbent = process.standardise(observations.outcomes.reduce((a, b) => Math.min(a, b)));
      const isConditional = parameters.some(({ condition }) => typeof condition !== "string");
      let best: Point | undefined;
      let greatest = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < settings.candidates; i++) {
        const point = drawPoint(parameters, candidates);
        if (isConditional) settle(parameters, point);
        const improvement = expectedImprovement(process, point, incumbent);
        if (best === undefined || improvement > greatest) [best, greatest] = [point, improvement];
      }
      return best === undefined ? byChance() : settle(parameters, best);
    },
  };
}

type Model = { readonly data: Observations; readonly process: Process | undefined };

/** The process of some trials: fitted, and fitted again with those under way at the means that the first has for them. */
export function modelOf({ points, outcomes, underWay }: Observations): Process | undefined {
  const process = fitProcess(points, outcomes);
  if (process === undefined || underWay.length === 0) return process;
  const believed = underWay
    .map((point) => ({ point, outcome: process.outcomeOf(process.predict(point).mean) }))
    .filter(({ outcome }) => Number.isFinite(outcome));
  return fitProcess([...points, ...believed.map(({ point }) => point)], [...outcomes, ...believed.map(({ outcome }) => outcome)]);
}

/** By how much a point is expected to be better than `incumbent`; both are standardised. */
export function expectedImprovement(process: Process, point: Point, incumbent: number): number {
  const { mean, deviation } = process.predict(point);
  const gain = incumbent - mean;
  const z = gain / (deviation + leastDeviation);
  return gain * normalCdf(z) + deviation * normalPdf(z);
}

function limited({ points, outcomes, underWay }: Observations, rng: Rng): Observations {
  const known = underWay.slice(0, underWayLimit);
  if (points.length <= observationLimit) return { points, outcomes, underWay: known };
  const rows = Array.from({ length: observationLimit }, () => rng.integer(points.length));
  return { points: rows.map((row) => points[row]!), outcomes: rows.map((row) => outcomes[row]!), underWay: known };
}

function areEqual(a: Observations, b: Observations): boolean {
  const isSame = (p: Point, q: Point | undefined): boolean => q?.length === p.length && p.every((value, d) => value === q[d]);
  return (
    a.points.length === b.points.length &&
    a.underWay.length === b.underWay.length &&
    a.outcomes.every((outcome, i) => outcome === b.outcomes[i]) &&
    a.points.every((point, i) => isSame(point, b.points[i])) &&
    a.underWay.every((point, i) => isSame(point, b.underWay[i]))
  );
}
