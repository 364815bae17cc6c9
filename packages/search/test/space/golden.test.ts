import { readFileSync } from "node:fs";
import { Rng } from "@argmin/base";
import { type Distribution, distributionOf, domainOf, hp, quantile, type SpaceNode } from "@argmin/search";
import { describe, expect, it } from "vitest";

/** What the fixture says of one distribution; drawn by hyperopt itself. */
type Case = {
  readonly distribution: string;
  readonly args: readonly [number, number, number];
  readonly mean: number;
  readonly standard_error: number;
  readonly standard_deviation: number;
  readonly frequencies?: Readonly<Record<string, number>>;
  readonly quantiles?: Readonly<Record<string, number>>;
};

const golden: { readonly draws: number; readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL("golden/hyperopt-priors.json", import.meta.url), "utf8"),
);

const builders: Readonly<Record<string, (a: number, b: number, c: number) => SpaceNode<number>>> = {
  uniform: (low, high) => hp.uniform(low, high),
  quniform: hp.quniform,
  loguniform: (low, high) => hp.loguniform(low, high),
  normal: (mu, sigma) => hp.normal(mu, sigma),
  qnormal: hp.qnormal,
  lognormal: (mu, sigma) => hp.lognormal(mu, sigma),
  qlognormal: hp.qlognormal,
  uniformint: (low, high) => hp.uniformint(low, high),
  randint: (low, high?: number) => (high === undefined ? hp.randint(low) : hp.randint(low, high)),
};

function distributionFor({ distribution, args }: Case): Distribution {
  const builder = builders[distribution];
  if (builder === undefined) throw new Error(`no builder for ${distribution}`);
  return distributionOf(builder(...args));
}

function drawsOf(distribution: Distribution): Float64Array {
  const rng = Rng.fromSeed("golden");
  const domain = domainOf(distribution);
  return Float64Array.from({ length: golden.draws }, () => quantile(domain, rng.float()));
}

function frequenciesOf(draws: Float64Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const draw of draws) counts.set(draw, (counts.get(draw) ?? 0) + 1);
  return counts;
}

/** Whether two counts out of as many draws can have the same probability: the difference has about this deviation. */
function expectSimilar(ours: number, theirs: number): void {
  expect(Math.abs(ours - theirs)).toBeLessThan(5 * Math.sqrt(ours + theirs + 1));
}

const isWidened = (it: Case): boolean => it.distribution === "quniform" && it.args[0] === 0.501;
/** Where hyperopt gives the two ends half the mass of the others, and argmin does not. */
const isUnfair = (it: Case): boolean => ["quniform", "uniformint"].includes(it.distribution) && !isWidened(it);
const cases = golden.cases.filter((it) => builders[it.distribution] !== undefined);

describe("distributions where hyperopt and argmin mean the same", () => {
  for (const entry of cases.filter((it) => !isUnfair(it))) {
    it(`${entry.distribution}(${entry.args.join(", ")})`, () => {
      const draws = drawsOf(distributionFor(entry));
      const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
      expect(Math.abs(mean - entry.mean)).toBeLessThan(5 * Math.SQRT2 * entry.standard_error);
      const ours = frequenciesOf(draws);
      for (const [value, count] of Object.entries(entry.frequencies ?? {})) expectSimilar(ours.get(Number(value)) ?? 0, count);
      const sorted = draws.toSorted();
      for (const [level, value] of Object.entries(entry.quantiles ?? {})) {
        const below = sorted.findLastIndex((draw) => draw <= value) + 1;
        expectSimilar(below, Number(level) * draws.length);
      }
    });
  }

  it("choice and pchoice", () => {
    const weighted = golden.cases.find(({ distribution }) => distribution === "pchoice");
    const even = golden.cases.find(({ distribution }) => distribution === "choice");
    const ours = {
      weighted: frequenciesOf(
        drawsOf(
          distributionOf(
            hp.pchoice([
              [0.1, "a"],
              [0.2, "b"],
              [0.7, "c"],
            ]),
          ),
        ),
      ),
      even: frequenciesOf(drawsOf(distributionOf(hp.choice(["a", "b", "c", "d"])))),
    };
    expect(Object.keys(weighted?.frequencies ?? {})).toHaveLength(3);
    for (const [index, count] of Object.entries(weighted?.frequencies ?? {}))
      expectSimilar(ours.weighted.get(Number(index)) ?? 0, count);
    for (const [index, count] of Object.entries(even?.frequencies ?? {})) expectSimilar(ours.even.get(Number(index)) ?? 0, count);
  });
});

describe("quantised ranges, whose ends hyperopt halves", () => {
  for (const entry of cases.filter(isUnfair)) {
    it(`${entry.distribution}(${entry.args.join(", ")}): the same values, but even the ends have their fair share`, () => {
      const ours = frequenciesOf(drawsOf(distributionFor(entry)));
      const theirs = Object.entries(entry.frequencies ?? {}).map(([value, count]) => [Number(value), count] as const);
      const ends = new Set([Math.min(...ours.keys()), Math.max(...ours.keys())]);
      expect([...ours.keys()].toSorted((a, b) => a - b)).toEqual(theirs.map(([value]) => value).toSorted((a, b) => a - b));
      const share = golden.draws / ours.size;
      for (const [value, count] of theirs) {
        expectSimilar(ours.get(value) ?? 0, share);
        expect(count < 0.75 * share).toBe(ends.has(value));
      }
    });
  }
});
