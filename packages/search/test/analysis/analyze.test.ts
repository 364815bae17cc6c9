import {
  analyzeStudy,
  analyzeTrials,
  compileSpace,
  createStudy,
  hp,
  spaceFromJson,
  type Analysis,
  type AnalyzedTrial,
  type Assignment,
} from "@argmin/search";
import { conditionalSpace, spacesAtTheEdge } from "@argmin/search/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anySpace } from "../space/arbitrary.ts";
import { mirrored, randomTrials } from "./studies.ts";

const space = compileSpace({
  lr_rate_mult: hp.float(0.1, 10, { log: true }),
  use_BN: hp.choice([false, true]),
  batch_size: hp.int(8, 1024, { log: true }),
  dropout: hp.uniform(0, 0.9),
});

function valueOf({ lr_rate_mult, use_BN, dropout }: Assignment): number {
  return 2 * Math.abs(Math.log10(lr_rate_mult! / 0.6)) + (use_BN === 1 ? 0 : 1) + dropout! / 5;
}

function texts({ sentences }: Analysis, about?: string): readonly string[] {
  return sentences.filter((sentence) => about === undefined || sentence.about === about).map(({ text }) => text);
}

/** What JSON cannot hold (NaN, infinities, undefined, -0) would not come back. */
function expectPlain(analysis: Analysis): void {
  expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis);
}

describe("analyzeTrials", () => {
  it("says in plain sentences what a study shows", () => {
    const trials = randomTrials(space, 300, (it, rng) =>
      it["batch_size"]! > 512 && rng.float() < 0.8 ? undefined : valueOf(it),
    );
    const analysis = analyzeTrials(space, trials, { seed: 1 });
    expectPlain(analysis);
    expect(analysis.confidence).toEqual({ level: "sound", reason: null });
    expect(texts(analysis, "importance")[0]).toMatch(
      /^`lr_rate_mult` explains \d\d % of the variance; best region 0\.\d+ to [\d.]+ \(\d+ of the \d+ best, \d+ of all \d+\)\.$/,
    );
    expect(texts(analysis, "winner")).toEqual(["`use_BN = true` wins 10 of the 10 best."]);
    expect(texts(analysis, "failure")).toHaveLength(1);
    expect(texts(analysis, "failure")[0]).toMatch(
      /^Trials with `batch_size` above (4[5-9]|5\d)\d failed \d\d % of the time \(\d+ of \d+\); elsewhere 0 of \d+ did\.$/,
    );
    expect(analysis.sentences.every(({ labels }) => !labels.includes("dropout"))).toBe(true);
    expect(spaceFromJson(analysis.narrowed.space).parameters.length).toBeLessThan(space.parameters.length);
    expect(analysis.narrowed.code).toContain("use_BN: true,");
  });

  it("gives the same answer for the same trials in any order, and mirrored for the other direction", () => {
    const trials = randomTrials(space, 120, valueOf);
    const analysis = analyzeTrials(space, trials, { seed: "a" });
    expect(analyzeTrials(space, trials.toReversed(), { seed: "a" })).toEqual(analysis);
    const { fanova, regions, narrowed } = analyzeTrials(space, mirrored(trials), { seed: "a", direction: "maximize" });
    expect({ fanova, regions, narrowed }).toEqual({
      fanova: analysis.fanova,
      regions: analysis.regions,
      narrowed: analysis.narrowed,
    });
  });

  it.each([
    [0, "No trial has a result yet: there is nothing to analyze."],
    [1, "1 trial with a result is too few to rank 4 parameters; 18 are the least."],
    [3, "3 trials with a result are too few to rank 4 parameters; 18 are the least."],
    [17, "17 trials with a result are too few to rank 4 parameters; 18 are the least."],
  ])("claims nothing of %i trials", (count, reason) => {
    const analysis = analyzeTrials(space, randomTrials(space, count, valueOf));
    expectPlain(analysis);
    expect(analysis.confidence).toEqual({ level: "none", reason });
    expect(analysis.sentences).toEqual([{ about: "confidence", labels: [], text: reason }]);
    expect(analysis.regions.every(({ kind }) => kind === "none")).toBe(true);
    expect(analysis.narrowed.space).toEqual(space.toJson());
  });

  it("tells a rough ranking from one that can be relied on", () => {
    expect(analyzeTrials(space, randomTrials(space, 30, valueOf)).confidence).toEqual({
      level: "rough",
      reason: "30 trials with a result for 4 parameters give a rough ranking; from 40 on it can be relied on.",
    });
  });

  it("says so where the parameters explain nothing", () => {
    const analysis = analyzeTrials(
      space,
      randomTrials(space, 200, (_, rng) => rng.normal()),
    );
    expect(analysis.confidence.level).toBe("unexplained");
    expect(texts(analysis, "importance")).toEqual([]);
    expect(analysis.narrowed.space).toEqual(space.toJson());
  });

  it("says so where all values are equal, and where nothing varies", () => {
    const equal = analyzeTrials(
      space,
      randomTrials(space, 50, () => 0.1),
    );
    expectPlain(equal);
    expect(texts(equal)[0]).toBe("All 50 trials with a result have the same value: nothing that was tried made a difference.");
    expect(equal).toMatchObject({ fanova: null, curves: [], surfaces: [] });
    const fixed = compileSpace({ only: hp.choice(["one"]), three: hp.int(3, 3) });
    const constant = analyzeTrials(
      fixed,
      randomTrials(fixed, 50, (_, rng) => rng.float()),
    );
    expectPlain(constant);
    expect(texts(constant)[0]).toBe("No parameter of this space varies: there is nothing to compare.");
  });

  it("leaves out what has no place in the figures, and says how much that is", () => {
    const good = randomTrials(space, 100, valueOf);
    const assignment = good[0]!.assignment;
    const odd: AnalyzedTrial[] = [
      { number: 100, state: "complete", value: Number.POSITIVE_INFINITY, assignment },
      { number: 101, state: "pruned", value: 0, assignment },
      { number: 102, state: "pruned", assignment },
      { number: 103, state: "failed", assignment },
      { number: 104, state: "waiting", assignment },
      { number: 105, state: "running", assignment },
      { number: 110, state: "paused", value: 0, assignment },
    ];
    const analysis = analyzeTrials(space, [...odd, ...good]);
    expectPlain(analysis);
    expect(analysis.counts).toEqual({
      total: 107,
      waiting: 1,
      running: 1,
      paused: 1,
      complete: 101,
      pruned: 2,
      failed: 1,
      nonFinite: 1,
      withoutValue: 1,
      duplicates: 5,
      used: 100,
    });
    expect(analysis.fanova).toEqual(analyzeTrials(space, good).fanova);
    expect(texts(analysis, "trials")).toEqual([
      "1 trial with an infinite or undefined value is left out.",
      "2 pruned or paused trials are left out: they were measured earlier than the others.",
      "1 trial ended before it had a value, pruned or rejected.",
      "5 trials repeat an earlier configuration.",
    ]);
    const withPruned = analyzeTrials(space, [...odd, ...good], { pruned: "last-value" });
    expect(withPruned.counts.used).toBe(102);
    expect(texts(withPruned, "trials")[1]).toBe("1 trial ended before it had a value, pruned or rejected.");
    const more = [106, 107].flatMap((number): AnalyzedTrial[] => [
      { number, state: "pruned", value: 0, assignment },
      { number: number + 2, state: "pruned", assignment },
    ]);
    expect(texts(analyzeTrials(space, [...more, ...good]), "trials").slice(0, 2)).toEqual([
      "2 pruned trials are left out: they were measured earlier than the others.",
      "2 trials ended before they had a value, pruned or rejected.",
    ]);
  });

  it("does not let diverged trials hide the rest", () => {
    const trials = randomTrials(space, 200, (it, rng) => (rng.float() < 0.03 ? 1e12 : valueOf(it)));
    const analysis = analyzeTrials(space, trials);
    expect(analysis.clipped!.value).toBeLessThan(20);
    expect(analysis.fanova!.importances.parameters[0]!.label).toBe("lr_rate_mult");
    expect(texts(analysis, "trials")[0]).toMatch(
      /^\d results are far out and count as [\d.]+, so that they do not hide the rest\.$/,
    );
  });

  it("says how little the shares are worth where the model knows little", () => {
    const trials = randomTrials(space, 400, (it, rng) => 0.5 * valueOf(it) + rng.normal(0, 0.5));
    const analysis = analyzeTrials(space, trials);
    expect(analysis.fanova!.explained).toBeLessThan(0.5);
    expect(texts(analysis, "importance").at(-1)).toMatch(
      /^The shares are those of a model that explains \d+ % of the variance of trials it has not seen\.$/,
    );
  });

  it("says of what exists in some trials only among which it was compared, and of one value that it is best", () => {
    const space = compileSpace({
      kind: hp.choice([{ name: "a", size: hp.int(1, 3) }, { name: "b" }]),
      seed: hp.randint(5, 7),
      x: hp.uniform(-1, 1),
      y: hp.uniform(-1, 1),
    });
    const trials = randomTrials(space, 300, ({ "kind.a.size": size, seed, x, y }) => {
      return (size === undefined ? 5 : 3 * Math.abs(size - 2)) + 4 * (seed! - 5) + x! * y!;
    });
    const { sentences } = analyzeTrials(space, trials, { direction: "minimize" });
    const about = (label: string): string =>
      sentences
        .filter(({ labels }) => labels.includes(label))
        .map(({ text }) => text)
        .join(" ");
    expect(about("kind.a.size")).toMatch(/best is 2 \(\d+ of the \d+ best, \d+ of all 1\d\d that have it\)\./);
    expect(about("seed")).toMatch(/best is 5 \(\d+ of the \d+ best, \d+ of all 300\)\. `seed = 5` wins 10 of the 10 best\.$/);
  });

  it("says which option loses where none is best, since the next space is without it", () => {
    const space = compileSpace({ kind: hp.choice(["a", "b", "c", "d"]) });
    const trials = Array.from({ length: 40 }, (_, number): AnalyzedTrial => {
      const kind = number % 4;
      return { number, state: "complete", value: (kind === 3 ? 100 : 0) + ((number * 7) % 40), assignment: { kind } };
    });
    const analysis = analyzeTrials(space, trials);
    expect(analysis.regions[0]).toMatchObject({ kind: "none", reason: "no better than chance" });
    const told = analysis.sentences.filter(({ labels }) => labels.includes("kind")).map(({ text }) => text);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/d loses \(0 of the 5 best, 10 of all 40\)\.$/);
    expect(analysis.narrowed.code).toContain('kind: hp.choice(["a", "b", "c"])');
  });

  it("takes a study as it is", async () => {
    const study = await createStudy({ space: { x: hp.uniform(0, 1), y: hp.uniform(0, 1) }, direction: "maximize", seed: 1 });
    await study.optimize(({ x }) => x, { trials: 40 });
    const analysis = await analyzeStudy(study);
    expect(analysis.direction).toBe("maximize");
    expect(analysis.fanova!.importances.parameters[0]).toMatchObject({ label: "x" });
    expect(analysis.curves[0]!.points.at(-1)!.mean).toBeGreaterThan(0.8);
  });

  it("takes a define-by-run study, with the space that has come to light", async () => {
    const study = await createStudy({ seed: 1 });
    expect((await analyzeStudy(study)).confidence.reason).toBe("No trial has a result yet: there is nothing to analyze.");
    await study.optimize(
      (trial) => {
        const layers = trial.suggestInt("layers", 1, 3);
        return layers === 3 ? trial.suggestFloat("extra", 0, 1) : layers;
      },
      { trials: 60 },
    );
    const analysis = await analyzeStudy(study);
    expectPlain(analysis);
    expect(analysis.counts.used).toBe(60);
    expect(analysis.fanova!.importances.parameters.map(({ label }) => label).toSorted()).toEqual(["extra", "layers"]);
  });

  it.each(Object.entries({ ...spacesAtTheEdge, conditionalSpace }))("survives %s", (_, space) => {
    for (const count of [2, 25])
      expectPlain(
        analyzeTrials(
          space,
          randomTrials(space, count, (_, rng) => rng.normal()),
        ),
      );
  });

  it("survives any space with any values", () => {
    const value = fc.oneof(
      fc.double({ noDefaultInfinity: false }),
      fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324),
      fc.constant(undefined),
    );
    fc.assert(
      fc.property(anySpace, fc.array(value, { maxLength: 50 }), (space, values) => {
        let i = 0;
        expectPlain(
          analyzeTrials(
            space,
            randomTrials(space, values.length, () => values[i++]),
          ),
        );
      }),
      { numRuns: 15 },
    );
  });
});
