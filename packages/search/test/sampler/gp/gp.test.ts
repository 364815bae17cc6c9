import {
  compileSpace,
  createSampler,
  createStudy,
  hp,
  TrialHistory,
  type Assignment,
  type FinishedState,
  type Space,
} from "@argmin/search";
import { contextOf, describeSampler } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";
import { randomPoints, treeSpace } from "./spaces.ts";
import { createGpSampler } from "../../../src/sampler/gp/gp.ts";
import { assignmentAt } from "../../../src/sampler/gp/layout.ts";
import { gpSettingsFrom } from "../../../src/sampler/gp/settings.ts";
import { quickTuning } from "./quick-tuning.ts";

describeSampler({
  name: "gp",
  // What holds of every suggestion holds of those that are looked for less thoroughly.
  make: (settings) => createGpSampler(gpSettingsFrom({ ...createSampler("gp", settings).settings }), quickTuning),
  traits: { exhaustive: false, orderFree: false, ignoresHistory: false },
});

const square = compileSpace({ x: hp.uniform(0, 1), y: hp.uniform(0, 1) });

type Outcome = { readonly assignment: Assignment; readonly state?: FinishedState; readonly objective?: number };

function historyOf(outcomes: readonly Outcome[]): TrialHistory {
  const history = new TrialHistory();
  for (const [i, { state = "complete", objective = Number.NaN, assignment }] of outcomes.entries()) {
    history.append({ sequence: i + 1, number: i, state, objective, assignment });
  }
  return history;
}

/** Points all over the square, with the outcome that `outcome` says. */
function scattered(count: number, outcome: (x: number, y: number) => Omit<Outcome, "assignment">): TrialHistory {
  return historyOf(
    Array.from({ length: count }, (_, i) => {
      const [x, y] = [(i * 0.618034) % 1, (i * 0.381966 + 0.17 * (i % 7)) % 1];
      return { assignment: { x, y }, ...outcome(x, y) };
    }),
  );
}

function suggestions(history: TrialHistory, count = 5, settings = {}): readonly Assignment[] {
  return suggestionsIn(square, history, count, settings);
}

function suggestionsIn(space: Space, history: TrialHistory, count: number, settings = {}): readonly Assignment[] {
  const sampler = createSampler("gp", settings);
  return Array.from({ length: count }, (_, i) => sampler.suggest(contextOf(space, { number: history.length + i, history })));
}

describe("gp", () => {
  it("finds the minimum of a smooth function to three digits within 30 trials", async () => {
    for (const seed of [1, 2, 3]) {
      const study = await createStudy({
        space: { a: hp.uniform(-5, 5), b: hp.float(0.001, 10, { log: true }) },
        sampler: "gp",
        seed,
      });
      await study.optimize(({ a, b }) => (a - 2) ** 2 + Math.log(b) ** 2, { trials: 30 });
      expect((await study.best())?.value).toBeLessThan(0.003);
      await study.close();
    }
  });

  it("suggests the same whether it was asked for every trial before or for this one alone", () => {
    const { layout, points } = randomPoints(treeSpace, 50, "asked");
    const outcomes = points.map((point, i) => ({ assignment: assignmentAt(layout, point), objective: Math.sin(i) }));
    const sampler = createSampler("gp");
    for (const length of [12, 40, 41, 43, 50, 41]) {
      const context = contextOf(treeSpace, { number: length, history: historyOf(outcomes.slice(0, length)) });
      expect(createSampler("gp").suggest(context)).toEqual(sampler.suggest(context));
    }
  });

  it("reaches the ends of parameters where the optimum lies there", async () => {
    const space = { x: hp.uniform(0, 1), y: hp.float(1e-4, 1, { log: true }), z: hp.uniform(-2, 2) };
    const study = await createStudy({ space, sampler: "gp", seed: 1, direction: "maximize" });
    await study.optimize(({ x, y, z }) => x + 0.2 * Math.log10(y) - 0.1 * z - 0.05 * z ** 2, { trials: 20 });
    const { x, y, z } = (await study.best())!.params;
    expect(x).toBe(1);
    expect(y).toBe(1);
    expect(z).toBeCloseTo(-1, 1);
    await study.close();
  });

  it("goes where trials were good", () => {
    for (const { x, y } of suggestions(scattered(40, (x, y) => ({ objective: (x - 0.2) ** 2 + (y - 0.7) ** 2 })))) {
      expect(Math.hypot(x! - 0.2, y! - 0.7)).toBeLessThan(0.05);
    }
  });

  it("keeps away from where values are infinite or far away", () => {
    const hole = (x: number, y: number): number => (x - 0.2) ** 2 + (y - 0.7) ** 2;
    const wild = scattered(50, (x, y) => ({ objective: x > 0.7 ? (y > 0.5 ? Infinity : 1e12) : hole(x, y) }));
    for (const { x, y } of suggestions(wild)) expect(Math.hypot(x! - 0.2, y! - 0.7)).toBeLessThan(0.4);
  });

  it("keeps away from where trials fail, unless failures are to be ignored", () => {
    const failing = scattered(60, (x, y) => (x < 0.4 ? { state: "failed" } : { objective: x + (y - 0.5) ** 2 }));
    for (const { x } of suggestions(failing)) expect(x).toBeGreaterThan(0.3);
    for (const { x } of suggestions(failing, 5, { failed: "ignore" })) expect(x).toBeLessThan(0.3);
  });

  it("takes pruned trials for no better than the middle of the complete ones", () => {
    const history = scattered(60, (x, y) =>
      x < 0.5 ? { state: "pruned", objective: -5 } : { objective: (x - 0.8) ** 2 + (y - 0.5) ** 2 },
    );
    for (const { x } of suggestions(history)) expect(x).toBeGreaterThan(0.5);
  });

  it("finds its way through noise", () => {
    const noise = (x: number, y: number): number => 0.03 * Math.sin(1e4 * (x + 2 * y));
    const history = scattered(80, (x, y) => ({ objective: (x - 0.3) ** 2 + (y - 0.6) ** 2 + noise(x, y) }));
    const distances = suggestions(history, 8).map(({ x, y }) => Math.hypot(x! - 0.3, y! - 0.6));
    // The trial that noise makes look best is at 0.085.
    expect(distances.reduce((sum, distance) => sum + distance, 0) / 8).toBeLessThan(0.07);
  });

  it("gives eight workers eight different suggestions, mostly spread out", async () => {
    const closest: number[] = [];
    for (let seed = 1; seed <= 5; seed++) {
      const study = await createStudy({ space: { x: hp.uniform(0, 1), y: hp.uniform(0, 1) }, sampler: "gp", seed });
      await study.optimize(({ x, y }) => Math.sin(5 * x) + Math.cos(4 * y), { trials: 10 });
      const asked: Assignment[] = [];
      for (let i = 0; i < 8; i++) asked.push((await study.ask()).assignment);
      const distances = asked.flatMap((a, i) => asked.slice(i + 1).map((b) => Math.hypot(a["x"]! - b["x"]!, a["y"]! - b["y"]!)));
      closest.push(Math.min(...distances));
      await study.close();
    }
    // A model that is sure of where the minimum is may want it from all sides.
    expect(Math.min(...closest)).toBeGreaterThan(1e-5);
    expect(closest.toSorted((a, b) => a - b)[2]).toBeGreaterThan(1e-3);
  });

  it("tries the configurations of a finite space once each, good ones first", () => {
    const space = compileSpace({ a: hp.int(1, 6), b: hp.choice(["x", "y", "z"]), c: hp.int(1, 64, { log: true, step: 21 }) });
    const value = ({ a, b, c }: Assignment): number => (a! - 4) ** 2 + (b === 1 ? 0 : 3) + Math.log(c! / 22) ** 2;
    const outcomes: Outcome[] = [];
    const seen = new Set<string>();
    for (let number = 0; number < 40; number++) {
      const assignment = createSampler("gp").suggest(contextOf(space, { number, history: historyOf(outcomes) }));
      if (number >= 10) expect(seen.has(space.hash(assignment))).toBe(false);
      seen.add(space.hash(assignment));
      outcomes.push({ assignment, objective: value(assignment) });
    }
    expect(Math.min(...outcomes.slice(0, 25).map(({ objective }) => objective!))).toBe(0);
  });

  it("gives a branch that began badly its chances, now and then", () => {
    const space = compileSpace({
      branch: hp.choice([{ x: hp.uniform(0, 1, { label: "x" }) }, { y: hp.uniform(0, 1, { label: "y" }) }]),
    });
    const history = historyOf(
      Array.from({ length: 20 }, (_, i) => {
        const unit = (i * 0.618034) % 1;
        return i % 2 === 0
          ? { assignment: { branch: 0, x: unit }, objective: (unit - 0.3) ** 2 }
          : { assignment: { branch: 1, y: unit }, objective: 5 + unit };
      }),
    );
    const chances = suggestionsIn(space, history, 60).filter(({ branch }) => branch === 1).length;
    // A tenth are drawn from the prior, half of those to the other branch.
    expect(chances).toBeGreaterThan(0);
    expect(chances).toBeLessThan(15);
  });
});
