import {
  compileSpace,
  failureRegions,
  hp,
  regionsOf,
  tableOf,
  winnersOf,
  type AnalyzedTrial,
  type Region,
  type Space,
} from "@argmin/search";
import { describe, expect, it } from "vitest";
import { randomTrials, reassigned } from "./studies.ts";

function regions(space: Space, trials: readonly AnalyzedTrial[]): Readonly<Record<string, Region>> {
  return Object.fromEntries(regionsOf(tableOf(space, trials, "minimize")).map((region) => [region.label, region]));
}

describe("regionsOf", () => {
  it("finds where the best lie, on the parameter's own scale and steps", () => {
    const space = compileSpace({
      rate: hp.float(1e-5, 1, { log: true }),
      units: hp.int(16, 256, { step: 16 }),
      kind: hp.choice(["a", "b", "c"]),
      nothing: hp.uniform(0, 1),
    });
    const trials = randomTrials(space, 600, ({ rate, units, kind }, rng) => {
      return Math.abs(Math.log10(rate!) + 2) + Math.abs(units! - 128) / 100 + (kind === 2 ? 0 : 1) + rng.normal(0, 0.1);
    });
    const { rate, units, kind, nothing } = regions(space, trials);
    if (rate?.kind !== "interval" || units?.kind !== "interval" || kind?.kind !== "options") throw new Error("no region found");
    expect(rate.from).toBeGreaterThan(1e-3);
    expect(rate.from).toBeLessThan(1e-2);
    expect(rate.to).toBeGreaterThan(1e-2);
    expect(rate.to).toBeLessThan(1e-1);
    expect(rate.positions[0]).toBeCloseTo((Math.log10(rate.from) + 5) / 5, 6);
    expect(units.from % 16).toBe(0);
    expect(units.from).toBeLessThanOrEqual(128);
    expect(units.to).toBeGreaterThanOrEqual(128);
    expect(kind.options).toEqual([2]);
    expect(kind.best).toBeGreaterThan(50);
    expect(nothing).toMatchObject({ kind: "none", reason: "no better than chance" });
  });

  it("names no region of what does not matter, however the trials are spread", () => {
    const space = compileSpace({ x: hp.uniform(0, 1), kind: hp.choice(["a", "b", "c", "d"]) });
    let named = 0;
    for (let seed = 0; seed < 40; seed++) {
      // A sampler that has come to prefer small x and option 1 for no reason.
      const trials = reassigned(
        randomTrials(space, 120, (_, rng) => rng.normal(), seed),
        (trial) => (trial.number % 4 === 0 ? trial.assignment : { x: trial.assignment["x"]! ** 4, kind: 1 }),
      );
      named += Object.values(regions(space, trials)).filter(({ kind }) => kind !== "none").length;
    }
    // One in a hundred is the rule; of 80, this many would happen once in two hundred times.
    expect(named).toBeLessThanOrEqual(4);
  });

  /** Trials of a sampler that has learnt what `rate` does, and has come to prefer small x and option 1 for no reason. */
  function learntTrials(space: Space, count: number, seed: number): readonly AnalyzedTrial[] {
    const drawn = randomTrials(space, count, () => 0, seed);
    return drawn.map(({ number, assignment }): AnalyzedTrial => {
      const progress = number / count;
      const isLed = (number * 7) % 10 < 10 * progress;
      const rate = 0.5 + (assignment["rate"]! - 0.5) * (1 - progress);
      const drifted = isLed ? { rate, x: assignment["x"]! ** 5, kind: 1 } : { ...assignment, rate };
      return { number, state: "complete", value: Math.abs(rate - 0.5), assignment: drifted };
    });
  }

  it("names no region of where a sampler was when it had found another one", () => {
    const space = compileSpace({ rate: hp.uniform(0, 1), x: hp.uniform(0, 1), kind: hp.choice(["a", "b", "c", "d"]) });
    const found = { rate: 0, idle: 0, losing: 0, winners: 0 };
    for (let seed = 0; seed < 30; seed++) {
      const table = tableOf(space, learntTrials(space, 200, seed), "minimize");
      for (const region of regionsOf(table, seed)) {
        if (region.kind !== "none") found[region.label === "rate" ? "rate" : "idle"] += 1;
        if (region.kind !== "interval") found.losing += region.counts.filter(({ isLosing }) => isLosing).length;
      }
      found.winners += winnersOf(table).length;
    }
    expect(found.rate).toBe(30);
    expect(found.idle).toBeLessThanOrEqual(3);
    expect(found.losing).toBeLessThanOrEqual(1);
    expect(found.winners).toBeLessThanOrEqual(1);
  });

  it("names hardly any of many parameters where none matters", () => {
    const space = compileSpace(Object.fromEntries(Array.from({ length: 22 }, (_, i) => [`x${i}`, hp.uniform(0, 1)])));
    let studies = 0;
    for (let seed = 0; seed < 20; seed++) {
      const trials = randomTrials(space, 60, (_, rng) => rng.normal(), seed);
      if (Object.values(regions(space, trials)).some(({ kind }) => kind !== "none")) studies += 1;
    }
    // One of 20 is the rule; four would be once in sixty times.
    expect(studies).toBeLessThanOrEqual(3);
  });

  it("compares among the trials in which a parameter is active", () => {
    const space = compileSpace({ kind: hp.choice([{ name: "a", x: hp.uniform(0, 1) }, { name: "b" }]) });
    const [kind, x] = space.parameters.map(({ label }) => label);
    // All of the best trials have option b, and yet x should be small.
    const found = regions(
      space,
      randomTrials(space, 300, (it) => (it[kind!] === 1 ? -9 : it[x!]!)),
    );
    expect(found[x!]).toMatchObject({ kind: "interval", from: 0 });
  });

  it("says why there is none", () => {
    const space = compileSpace({ x: hp.uniform(0, 1), one: hp.choice(["only"]) });
    expect(
      regions(
        space,
        randomTrials(space, 19, ({ x }) => x!),
      ),
    ).toMatchObject({
      x: { reason: "too few trials" },
      one: { reason: "constant" },
    });
    expect(
      regions(
        space,
        randomTrials(space, 40, () => 1),
      )["x"],
    ).toMatchObject({ reason: "all alike" });
  });

  it("marks options that lose beyond chance and no others", () => {
    const space = compileSpace({ kind: hp.choice(["good", "fair", "bad", "rare"]) });
    const trials = Array.from({ length: 90 }, (_, number): AnalyzedTrial => {
      const kind = number === 0 ? 3 : number % 3;
      return { number, state: "complete", value: kind + (number % 7) / 7, assignment: { kind } };
    });
    const found = regions(space, trials)["kind"];
    if (found === undefined || found.kind === "interval") throw new Error("no options");
    expect(found.counts.map(({ isLosing }) => isLosing)).toEqual([false, false, true, false]);
    expect(found.counts.map(({ trials }) => trials)).toEqual([29, 30, 30, 1]);
  });
});

describe("winnersOf", () => {
  const space = compileSpace({ useNorm: hp.choice([false, true]) });

  it("names the option that most of the ten best have", () => {
    const trials = randomTrials(space, 60, ({ useNorm }, rng) => (useNorm === 1 ? 0 : 1) + rng.float());
    expect(winnersOf(tableOf(space, trials, "minimize"))).toEqual([{ label: "useNorm", option: 1, wins: 10, of: 10 }]);
    expect(winnersOf(tableOf(space, trials, "maximize"))).toEqual([{ label: "useNorm", option: 0, wins: 10, of: 10 }]);
  });

  it("does not when an option wins only because the branch does in which it exists", () => {
    const space = compileSpace({
      kind: hp.choice([{ name: "a", flag: hp.choice([false, true]) }, { name: "b" }, { name: "c" }]),
    });
    const trials = Array.from({ length: 90 }, (_, number): AnalyzedTrial => {
      const kind = number % 3;
      // Of 30 in the branch nearly all have the flag.
      const assignment = kind === 0 ? { kind, "kind.a.flag": number % 30 === 0 ? 0 : 1 } : { kind };
      return { number, state: "complete", value: kind + ((number * 37) % 90) / 90, assignment };
    });
    expect(winnersOf(tableOf(space, trials, "minimize"))).toEqual([{ label: "kind", option: 0, wins: 10, of: 10 }]);
    // One of the ten best is another kind's, so that the flag does not exist in all of them.
    const odd = trials.with(1, { number: 1, state: "complete", value: -1, assignment: { kind: 1 } });
    expect(winnersOf(tableOf(space, odd, "minimize")).map(({ label, wins }) => [label, wins])).toEqual([["kind", 9]]);
  });

  it("does not when nearly all trials have it", () => {
    const trials = reassigned(
      randomTrials(space, 60, (_, rng) => rng.float()),
      (trial) => ({ useNorm: trial.number % 10 === 0 ? 0 : 1 }),
    );
    expect(winnersOf(tableOf(space, trials, "minimize"))).toEqual([]);
  });
});

describe("failureRegions", () => {
  const space = compileSpace({ batch: hp.int(8, 1024, { log: true }), kind: hp.choice(["a", "b", "c"]), rate: hp.uniform(0, 1) });

  it("finds the side on which trials fail", () => {
    const trials = randomTrials(space, 300, ({ batch, kind }, rng) =>
      (batch! > 512 && rng.float() < 0.8) || (kind === 1 && rng.float() < 0.5) ? undefined : 1,
    );
    const found = failureRegions(space, trials);
    expect(found.map(({ label }) => label).toSorted()).toEqual(["batch", "kind"]);
    const batch = found.find(({ label }) => label === "batch")!;
    expect(batch.kind).toBe("above");
    expect(batch.value).toBeGreaterThan(400);
    expect(batch.value).toBeLessThan(600);
    expect(batch.failed / batch.trials).toBeGreaterThan(0.7);
    expect(found.find(({ label }) => label === "kind")).toMatchObject({ kind: "option", value: 1 });
    const whole = trials.filter(({ state }) => state === "failed").length;
    expect(batch.failed + batch.failedElsewhere).toBe(whole);
  });

  it("finds the sharpest of many sides, all of which are far beyond chance", () => {
    const [found] = failureRegions(
      space,
      randomTrials(space, 3000, ({ batch }) => (batch! > 512 ? undefined : 1)),
    );
    expect(found).toMatchObject({ label: "batch", kind: "above", failedElsewhere: 0 });
    expect(found!.failed / found!.trials).toBeGreaterThan(0.9);
  });

  it("keeps quiet about failures that may happen anywhere, and about a few", () => {
    expect(
      failureRegions(
        space,
        randomTrials(space, 300, (_, rng) => (rng.float() < 0.2 ? undefined : 1)),
      ),
    ).toEqual([]);
    expect(
      failureRegions(
        space,
        randomTrials(space, 10, ({ batch }) => (batch! > 512 ? undefined : 1)),
      ),
    ).toEqual([]);
    expect(failureRegions(space, [])).toEqual([]);
  });
});
