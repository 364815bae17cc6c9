import { compileSpace, createSampler, createStudy, hp, TrialHistory, type Assignment, type FinishedState } from "@argmin/search";
import { contextOf, describeSampler } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";

for (const name of ["tpe", "hyperopt-tpe"]) {
  describeSampler({
    name,
    make: (settings) => createSampler(name, settings),
    traits: { exhaustive: false, orderFree: name === "hyperopt-tpe", ignoresHistory: false },
  });
}

const square = compileSpace({ x: hp.uniform(0, 1), y: hp.uniform(0, 1) });

type Outcome = {
  readonly assignment: Assignment;
  readonly state?: FinishedState;
  readonly objective?: number;
  readonly step?: number;
};

function historyOf(outcomes: readonly Outcome[]): TrialHistory {
  const history = new TrialHistory();
  for (const [i, { state = "complete", objective = Number.NaN, ...rest }] of outcomes.entries()) {
    history.append({ sequence: i + 1, number: i, state, objective, ...rest });
  }
  return history;
}

/** Points all over the square, with the value that `value` says. */
function scattered(count: number, value: (x: number, y: number) => Omit<Outcome, "assignment">): TrialHistory {
  return historyOf(
    Array.from({ length: count }, (_, i) => {
      const [x, y] = [(i * 0.618034) % 1, (i * 0.381966 + 0.17 * (i % 7)) % 1];
      return { assignment: { x, y }, ...value(x, y) };
    }),
  );
}

/** How far from a point the suggestions for some trials are, on average. */
function distanceTo(target: readonly [number, number], history: TrialHistory, settings = {}): number {
  const sampler = createSampler("tpe", settings);
  let sum = 0;
  for (let number = 100; number < 140; number++) {
    const { x, y } = sampler.suggest(contextOf(square, { number, history }));
    sum += Math.hypot(x! - target[0], y! - target[1]);
  }
  return sum / 40;
}

describe("tpe", () => {
  it.each(["tpe", "hyperopt-tpe"])("is much better than chance on an easy function: %s", async (sampler) => {
    const best = async (name: string, seed: number): Promise<number> => {
      const study = await createStudy({
        space: { a: hp.uniform(-5, 5), b: hp.float(0.001, 10, { log: true }) },
        sampler: name,
        seed,
      });
      await study.optimize(({ a, b }) => (a - 2) ** 2 + Math.log(b) ** 2, { trials: 80 });
      return (await study.best())?.value ?? Number.NaN;
    };
    let wins = 0;
    for (let seed = 0; seed < 10; seed++) if ((await best(sampler, seed)) < (await best("random", seed)) / 2) wins += 1;
    expect(wins).toBeGreaterThanOrEqual(8);
  });

  it("begins with one draw in each part of every parameter's range", () => {
    const sampler = createSampler("tpe", { startUpTrials: 8 });
    for (const block of [0, 1]) {
      const proposals = Array.from({ length: 8 }, (_, i) => sampler.suggest(contextOf(square, { number: block * 8 + i })));
      for (const label of ["x", "y"]) {
        expect(new Set(proposals.map((proposal) => Math.floor(proposal[label]! * 8))).size).toBe(8);
      }
    }
  });

  it("goes where trials were good", () => {
    const history = scattered(60, (x, y) => ({ objective: Math.hypot(x - 0.2, y - 0.7) }));
    expect(distanceTo([0.2, 0.7], history)).toBeLessThan(0.15);
    expect(distanceTo([0.8, 0.3], history)).toBeGreaterThan(0.5);
  });

  it("takes pruned trials for worse than complete ones, and for the better the further they came", () => {
    const near = (x: number, y: number): boolean => Math.hypot(x - 0.2, y - 0.7) < 0.3;
    // The values of pruned trials look better than any complete one.
    const history = scattered(60, (x, y) => (near(x, y) ? { objective: 5 } : { state: "pruned", objective: 0, step: 3 }));
    expect(distanceTo([0.2, 0.7], history)).toBeLessThan(0.25);
    const allPruned = scattered(60, (x, y) => ({ state: "pruned", objective: 1, step: near(x, y) ? 9 : 3 }));
    expect(distanceTo([0.2, 0.7], allPruned)).toBeLessThan(0.25);
  });

  it("keeps away from where trials fail or are refused, unless failures are to be ignored", () => {
    for (const state of ["failed", "pruned"] as const) {
      const history = scattered(80, (x) => (x < 0.5 ? { state } : { objective: 1 }));
      let left = 0;
      for (let number = 100; number < 140; number++) {
        left += createSampler("tpe").suggest(contextOf(square, { number, history }))["x"]! < 0.5 ? 1 : 0;
      }
      expect(left).toBeLessThan(8);
    }
    const failing = scattered(80, (x, y) => (x < 0.1 ? { state: "failed" } : { objective: x + y }));
    const without = historyOf(
      [...failing.numbers].flatMap((row) => {
        const assignment = { x: failing.column("x").values[row]!, y: failing.column("y").values[row]! };
        return assignment.x < 0.1 ? [] : [{ assignment, objective: failing.objectives[row]! }];
      }),
    );
    const sampler = createSampler("tpe", { failed: "ignore" });
    const context = { number: 100, index: 100 };
    expect(sampler.suggest(contextOf(square, { ...context, history: failing }))).toEqual(
      sampler.suggest(contextOf(square, { ...context, history: without })),
    );
  });

  it("learns what is good of one parameter given another", () => {
    // Good is the diagonal: neither parameter alone says anything.
    const history = scattered(150, (x, y) => ({ objective: Math.abs(x - y) }));
    let distance = 0;
    for (let number = 200; number < 240; number++) {
      const { x, y } = createSampler("tpe").suggest(contextOf(square, { number, history }));
      distance += Math.abs(x! - y!) / 40;
    }
    // By chance it is a third.
    expect(distance).toBeLessThan(0.15);
  });

  it("does not stay where the good trials happen to be in parameters that make no difference", () => {
    const others = ["b", "c", "d", "e"];
    const space = compileSpace({ a: hp.uniform(0, 1), ...Object.fromEntries(others.map((label) => [label, hp.int(1, 100)])) });
    // Every trial with a small `a` has all others near their end, which was not what made it good.
    const history = historyOf(
      Array.from({ length: 60 }, (_, i) => {
        const u = (i * 0.618034) % 1;
        const isGood = i % 4 === 0;
        const a = isGood ? 0.1 * u : 0.2 + 0.8 * u;
        const rest = others.map((label, d) => [label, isGood ? 91 + ((i + d) % 10) : 1 + ((i * (37 + 6 * d) + 11 * d) % 100)]);
        return { assignment: { a, ...Object.fromEntries(rest) }, objective: a };
      }),
    );
    let elsewhere = 0;
    for (let number = 200; number < 250; number++) {
      const assignment = createSampler("tpe").suggest(contextOf(space, { number, history }));
      const far = others.filter((label) => assignment[label]! <= 80);
      if (assignment["a"]! < 0.12 && far.length === 1) elsewhere += 1;
    }
    expect(elsewhere).toBeGreaterThan(20);
  });

  it("learns a branch's parameters from the trials of that branch", () => {
    const space = compileSpace({ branch: hp.choice([{ x: hp.uniform(0, 1) }, { z: hp.uniform(0, 1) }]) });
    const history = historyOf(
      Array.from({ length: 80 }, (_, i) => {
        const u = (i * 0.618034) % 1;
        const assignment: Assignment = i % 4 === 0 ? { branch: 1, "branch[1].z": u } : { branch: 0, "branch[0].x": u };
        // The second branch is worse throughout; within it small values are best.
        return { assignment, objective: i % 4 === 0 ? 10 + u : Math.abs(u - 0.9) };
      }),
    );
    const proposals = Array.from({ length: 60 }, (_, i) =>
      createSampler("tpe").suggest(contextOf(space, { number: 80 + i, history })),
    );
    const [first, second] = [0, 1].map((branch) => proposals.filter((proposal) => proposal["branch"] === branch));
    expect(first!.length).toBeGreaterThan(40);
    expect(second!.length).toBeGreaterThan(0);
    for (const proposal of second!) expect(proposal["branch[1].z"]).toBeLessThan(0.5);
  });

  it.each(["tpe", "hyperopt-tpe"])("stays among the numbers where the best values are at their ends: %s", (name) => {
    const space = compileSpace({ n: hp.normal(0, 2e306), l: hp.lognormal(0, 80), q: hp.qlognormal(0, 80, 0.5) });
    for (const [n, l, q] of [
      [Number.MAX_VALUE, Number.MAX_VALUE, Number.MAX_VALUE / 2],
      [-Number.MAX_VALUE, Number.MIN_VALUE, 0],
    ] as const) {
      const history = historyOf(Array.from({ length: 30 }, (_, i) => ({ assignment: { n, l, q }, objective: i })));
      for (let number = 30; number < 60; number++) {
        const assignment = createSampler(name).suggest(contextOf(space, { number, history }));
        expect(() => space.validate(assignment), JSON.stringify(assignment)).not.toThrow();
      }
    }
  });

  it("suggests ever more by chance when it is told that it repeats itself", () => {
    const space = compileSpace({ a: hp.int(0, 9), b: hp.int(0, 9) });
    const history = historyOf(
      Array.from({ length: 60 }, (_, i) => ({
        assignment: { a: i % 10, b: (i * 7) % 10 },
        objective: i % 10 === 3 ? i % 7 : 50,
      })),
    );
    const proposals = Array.from({ length: 40 }, (_, attempt) =>
      space.hash(createSampler("tpe").suggest(contextOf(space, { number: 60, history, attempt }))),
    );
    expect(new Set(proposals).size).toBeGreaterThan(20);
  });
});
