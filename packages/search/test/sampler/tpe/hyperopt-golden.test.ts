import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileSpace, hp, type SpaceDefinition } from "@argmin/search";
import { describe, expect, it } from "vitest";
import {
  adaptiveParzen,
  forgettingWeights,
  goodCount,
  goodTrials,
  mixtureLogDensity,
  type Extent,
} from "../../../src/sampler/tpe/hyperopt-parzen.ts";
import { estimate, mixtureOf, modelOf } from "../../../src/sampler/tpe/hyperopt-tpe.ts";

/** JSON has no word for numbers that are not finite. */
type Word = number | string;
type Densities = {
  readonly name: string;
  readonly samples: readonly number[];
  readonly weights: readonly number[];
  readonly mus: readonly number[];
  readonly sigmas: readonly number[];
  readonly low: number | null;
  readonly high: number | null;
  readonly q: number | null;
  readonly lpdf: readonly Word[];
};
type Side = {
  readonly llik: readonly Word[];
  readonly params?: Readonly<Record<"weights" | "mus" | "sigmas", readonly number[]>>;
};
type Golden = {
  readonly adaptive_parzen_normal: readonly {
    readonly name: string;
    readonly in_mus: readonly number[];
    readonly prior_weight: number;
    readonly prior_mu: number;
    readonly prior_sigma: number;
    readonly LF: number;
    readonly weights: readonly number[];
    readonly mus: readonly number[];
    readonly sigmas: readonly number[];
    readonly stable_sort_gives_same: boolean;
  }[];
  readonly linear_forgetting_weights: readonly { readonly N: number; readonly LF: number; readonly weights: readonly number[] }[];
  readonly GMM1_lpdf: readonly Densities[];
  readonly LGMM1_lpdf: readonly Densities[];
  readonly ap_split_trials: readonly {
    readonly name: string;
    readonly o_idxs: readonly number[];
    readonly o_vals: readonly number[];
    readonly l_idxs: readonly number[];
    readonly l_vals: readonly Word[];
    readonly gamma: number;
    readonly gamma_cap: number;
    readonly n_below: number;
    readonly below: readonly number[];
    readonly above: readonly number[];
    readonly stable_sort_gives_same: boolean;
  }[];
  readonly n_below: readonly {
    readonly N: number;
    readonly gamma: number;
    readonly gamma_cap: number;
    readonly n_below: number;
  }[];
  readonly ei_scores: readonly {
    readonly name: string;
    readonly dist: string;
    readonly args: readonly (number | readonly number[])[];
    readonly prior_weight: number;
    readonly gamma: number;
    readonly obs_vals: readonly number[];
    readonly losses: readonly number[];
    readonly candidates: readonly number[];
    readonly below: Side;
    readonly above: Side;
    readonly best_index: number;
  }[];
};

const fixture = fileURLToPath(new URL("../../fixtures/hyperopt-golden.json", import.meta.url));
/** A folder with the complete set of vectors, of which the fixture is a part. */
const folder = process.env["ARGMIN_GOLDEN"];
const complete = folder === undefined ? undefined : join(folder, "hyperopt-golden.json");

describe("hyperopt's estimators agree with its own numbers", () => {
  describe("of the fixture", () => compareWith(fixture));
  if (complete !== undefined && existsSync(complete)) describe("of the complete set", () => compareWith(complete));
  else it.skip(`of the complete set (${complete === undefined ? "ARGMIN_GOLDEN names no folder" : `there is no ${complete}`})`);
});

function compareWith(file: string): void {
  const golden: Golden = JSON.parse(readFileSync(file, "utf8"));

  it.each(golden.adaptive_parzen_normal)("adaptive Parzen: $name", (one) => {
    const prior = { weight: one.prior_weight, mu: one.prior_mu, sigma: one.prior_sigma };
    const { weights, mus, sigmas } = adaptiveParzen(Float64Array.from(one.in_mus), prior, one.LF);
    expectClose(mus, one.mus);
    expectClose(sigmas, one.sigmas);
    if (one.stable_sort_gives_same) expectClose(weights, one.weights);
    // Which of equal observations is the older is lost in an unstable sort: their sum is not.
    else expectClose(summedBy(mus, weights), summedBy(one.mus, one.weights));
  });

  it.each(golden.linear_forgetting_weights)("forgetting: $N observations, the newest $LF full", ({ N, LF, weights }) => {
    expectClose(forgettingWeights(N, LF), weights);
  });

  for (const [log, cases] of [
    [false, golden.GMM1_lpdf],
    [true, golden.LGMM1_lpdf],
  ] as const) {
    it.each(cases)(`density${log ? " on a logarithmic scale" : ""}: $name`, ({ samples, low, high, q, lpdf, ...mixture }) => {
      const parts = {
        weights: Float64Array.from(mixture.weights),
        mus: Float64Array.from(mixture.mus),
        sigmas: Float64Array.from(mixture.sigmas),
      };
      const extent: Extent = { log, bounds: low === null || high === null ? null : [low, high], step: q };
      expectClose(
        samples.map((x) => mixtureLogDensity(parts, extent, x)),
        lpdf,
        q === null ? 0 : 1e-6,
      );
    });
  }

  it.each(golden.ap_split_trials)("split: $name", (one) => {
    const count = goodCount(one.l_vals.length, one.gamma, one.gamma_cap);
    expect(count).toBe(one.n_below);
    const places = goodTrials(Float64Array.from(one.l_vals, Number), count);
    const good = new Set(Array.from(places, (place) => one.l_idxs[place]));
    const [below, above] = [true, false].map((side) => one.o_vals.filter((_, i) => good.has(one.o_idxs[i]) === side));
    if (one.stable_sort_gives_same) expect([below, above]).toEqual([one.below, one.above]);
    else expect([below?.length, above?.length]).toEqual([one.below.length, one.above.length]);
  });

  it("how many trials are good", () => {
    for (const { N, gamma, gamma_cap, n_below } of golden.n_below) expect(goodCount(N, gamma, gamma_cap)).toBe(n_below);
  });

  it.each(golden.ei_scores)("a whole step: $name", (one) => {
    const parameter = compileSpace(nodeOf(one.dist, one.args)).parameters[0]!;
    // The golden integers count from 0, whatever the lower end.
    const shift = one.dist === "randint" && one.args.length === 2 ? Number(one.args[0]) : 0;
    const good = goodTrials(Float64Array.from(one.losses), goodCount(one.losses.length, one.gamma, 25));
    const model = modelOf(parameter);
    const candidates = one.candidates.map((value) => value + shift);
    const [below, above] = [true, false].map((isGood) => {
      const observations = one.obs_vals.filter((_, i) => good.has(i) === isGood);
      const side = isGood ? one.below : one.above;
      let density = estimate(model, observations, one.prior_weight).logDensity;
      if (model.kind === "normals" && side.params !== undefined && hasForgottenTies(observations)) {
        // The weights of equal observations came from a sort that mixes them up: all but the share of each is compared.
        const mixture = mixtureOf(model, observations, one.prior_weight);
        const [weights, mus, sigmas] = [side.params.weights, side.params.mus, side.params.sigmas].map((list) =>
          Float64Array.from(list),
        );
        expectClose(mixture.mus, mus!);
        expectClose(mixture.sigmas, sigmas!);
        expectClose(summedBy(mixture.mus, mixture.weights), summedBy(mus!, weights!));
        density = (value) => mixtureLogDensity({ weights: weights!, mus: mus!, sigmas: sigmas! }, model.extent, value);
      }
      const densities = candidates.map(density);
      expectClose(densities, side.llik, 1e-6);
      return densities;
    });
    const scores = below!.map((density, i) => density - above![i]!);
    // numpy takes the first NaN for the greatest.
    if (scores.some(Number.isNaN)) return;
    expect(scores.indexOf(Math.max(...scores))).toBe(one.best_index);
  });
}

/** The densities of a cell outside the bounds are NaN in hyperopt, minus infinity here. */
function expectClose(actual: ArrayLike<number>, wanted: ArrayLike<Word>, absolute = 0): void {
  expect(actual.length).toBe(wanted.length);
  for (let i = 0; i < actual.length; i++) {
    const word = wanted[i]!;
    const number = word === "nan" || word === "-inf" ? Number.NEGATIVE_INFINITY : Number(word);
    if (Number.isFinite(number)) expect(Math.abs(actual[i]! - number)).toBeLessThanOrEqual(1e-9 * Math.abs(number) + absolute);
    else expect(actual[i]).toBe(number);
  }
}

function hasForgottenTies(observations: readonly number[]): boolean {
  return observations.length > 25 && new Set(observations).size < observations.length;
}

function summedBy(keys: ArrayLike<number>, values: ArrayLike<number>): readonly number[] {
  const sums = new Map<number, number>();
  for (let i = 0; i < keys.length; i++) sums.set(keys[i]!, (sums.get(keys[i]!) ?? 0) + values[i]!);
  return [...sums.values()];
}

function nodeOf(dist: string, args: Golden["ei_scores"][number]["args"]): SpaceDefinition {
  const [first, second] = args;
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = args.map(Number);
  const nodes: Readonly<Record<string, () => SpaceDefinition>> = {
    uniform: () => hp.uniform(a, b),
    quniform: () => hp.quniform(a, b, c),
    loguniform: () => hp.loguniform(a, b),
    qloguniform: () => hp.qloguniform(a, b, c),
    normal: () => hp.normal(a, b),
    qnormal: () => hp.qnormal(a, b, c),
    lognormal: () => hp.lognormal(a, b),
    qlognormal: () => hp.qlognormal(a, b, c),
    randint: () => (second === undefined ? hp.randint(a) : hp.randint(a, b)),
    categorical: () =>
      hp.pchoice(typeof first === "object" ? first.map((probability, i) => [probability, `option ${i}`] as const) : []),
  };
  return nodes[dist]!();
}
