import { TrialHistory, type FinishedState } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { outcomesOf, poles, targetsOf } from "../../../src/sampler/gp/targets.ts";
import { areEqual, fittedLength, observationsOf } from "../../../src/sampler/gp/observations.ts";
import { assignmentAt } from "../../../src/sampler/gp/layout.ts";
import { rankingOf } from "../../../src/sampler/tpe/split.ts";
import { randomPoints, treeSpace } from "./spaces.ts";

type Row = readonly [state: FinishedState, objective: number, step?: number];

function outcomesFor(rows: readonly Row[]): readonly number[] {
  const history = new TrialHistory();
  for (const [i, [state, objective, step]] of rows.entries()) {
    history.append({ sequence: i + 1, number: i, state, objective, step, assignment: {} });
  }
  const indices = Uint32Array.from(rows, (_, i) => i);
  return [...outcomesOf(history, indices, rankingOf(history)).values];
}

describe("outcomes", () => {
  it("keep the order and the distances of complete trials", () => {
    const [a, b, c] = outcomesFor([
      ["complete", 1],
      ["complete", 3],
      ["complete", -1],
    ]);
    expect(b! - a!).toBeCloseTo(a! - c!, 12);
    expect(b! - a!).toBeGreaterThan(0);
  });

  it("put failed trials with the worst, pruned ones between the middle and the worst", () => {
    const outcomes = outcomesFor([
      ["complete", 1],
      ["complete", 2],
      ["complete", 5],
      ["failed", Number.NaN],
      ["pruned", -3, 2],
      ["pruned", 4, 2],
      ["pruned", Number.NaN],
    ]);
    const [, middle, worst, failed, early, late, nothing] = outcomes;
    expect(failed).toBe(worst);
    expect(nothing).toBe(worst);
    expect(early).toBe(middle);
    expect(late).toBeGreaterThan(middle!);
    expect(late).toBeLessThan(worst!);
  });

  it("put infinite values beyond the finite ones, without leaving the numbers", () => {
    const outcomes = outcomesFor([
      ["complete", Infinity],
      ["complete", -Number.MAX_VALUE],
      ["complete", Number.MAX_VALUE],
      ["complete", -Infinity],
    ]);
    for (const outcome of outcomes) expect(Number.isFinite(outcome)).toBe(true);
    const [above, low, high, below] = outcomes;
    expect([below, low, high, above].toSorted((a, b) => a! - b!)).toEqual([below, low, high, above]);
    expect(new Set(outcomes).size).toBe(4);
  });

  it.each([0.5, -1e300])("put infinite values beyond finite ones that are all %d", (value) => {
    const [above, finite, below] = outcomesFor([
      ["complete", Infinity],
      ["complete", value],
      ["complete", -Infinity],
    ]);
    expect(above).toBeGreaterThan(finite!);
    expect(below).toBeLessThan(finite!);
  });

  it("differ also where the first trials, of another space, were better than all that are left", () => {
    const history = new TrialHistory();
    for (let i = 0; i < 40; i++) history.append({ sequence: i + 1, number: i, state: "complete", objective: i, assignment: {} });
    const rows = Uint32Array.from({ length: 10 }, (_, i) => 30 + i);
    const outcomes = outcomesOf(history, rows, rankingOf(history));
    expect(outcomes.unit).toBeGreaterThan(0);
    expect(new Set(outcomes.values).size).toBe(10);
  });

  it("are no worse than a hundred units, which the first trials set", () => {
    const first = Array.from({ length: 20 }, (_, i): Row => ["complete", i]);
    const outcomes = outcomesFor([...first, ["complete", 1e12], ...Array.from({ length: 40 }, (): Row => ["complete", 0])]);
    // The median of the first is 10, and values are scaled all alike.
    expect((outcomes[20]! - outcomes[0]!) / (outcomes[1]! - outcomes[0]!)).toBeCloseTo(1000, 6);
  });

  it("rank pruned trials where none is complete", () => {
    const [near, far, failed] = outcomesFor([
      ["pruned", 1, 3],
      ["pruned", 1, 9],
      ["failed", Number.NaN],
    ]);
    expect(far).toBeLessThan(near!);
    expect(failed).toBe(near);
  });
});

describe("targets", () => {
  const outcomes = Float64Array.from({ length: 40 }, (_, i) => Math.exp(i / 5));

  it.each(poles)("have mean 0, variance 1 and the order of the outcomes: pole %d", (pole) => {
    const { values } = targetsOf({ values: outcomes, unit: 3 }, pole);
    expect(values.reduce((sum, value) => sum + value, 0) / 40).toBeCloseTo(0, 10);
    expect(values.reduce((sum, value) => sum + value ** 2, 0) / 40).toBeCloseTo(1, 10);
    for (let i = 1; i < 40; i++) expect(values[i]).toBeGreaterThan(values[i - 1]!);
  });

  it.each(poles)("have the density of the change of scale: pole %d", (pole) => {
    const { logJacobian } = targetsOf({ values: outcomes, unit: 3 }, pole);
    // The slope of the scale at each outcome: between two of its neighbours it is the scale of all that counts, not they.
    const inserted = Float64Array.from([...outcomes, ...outcomes.map((outcome) => outcome * (1 + 1e-7))]);
    const { values } = targetsOf({ values: inserted, unit: 3 }, pole);
    let sum = 0;
    for (let i = 0; i < 40; i++) sum += Math.log((values[i + 40]! - values[i]!) / (inserted[i + 40]! - inserted[i]!));
    expect(sum).toBeCloseTo(logJacobian, 2);
  });

  it("are all 0 where all outcomes are equal", () => {
    expect([...targetsOf({ values: new Float64Array(3).fill(7), unit: 1 }, 0.1).values]).toEqual([0, 0, 0]);
  });
});

describe("observations", () => {
  const { layout, points } = randomPoints(treeSpace, 300, "observed");
  const history = new TrialHistory();
  for (const [i, point] of points.entries()) {
    const state = i % 10 === 9 ? "failed" : "complete";
    const objective = state === "failed" ? Number.NaN : (i * 37) % 300;
    history.append({ sequence: i + 1, number: i, state, objective, assignment: assignmentAt(layout, point) });
  }

  it("are the points that trials were made of", () => {
    const { points: found, ranked } = observationsOf(layout, history, "bad", 1000);
    expect(ranked).toBe(270);
    found.forEach((point, i) => {
      for (const [d, coordinate] of point.entries()) {
        if (Number.isNaN(points[i]![d]!)) expect(coordinate).toBeNaN();
        else expect(coordinate).toBeCloseTo(points[i]![d]!, 9);
      }
    });
    expect(observationsOf(layout, history, "ignore", 1000).points).toHaveLength(270);
  });

  it("are no more than the limit, the best among them", () => {
    const { points: found, outcomes } = observationsOf(layout, history, "bad", 60);
    expect(found).toHaveLength(60);
    const all = observationsOf(layout, history, "bad", 1000).outcomes.values.toSorted();
    expect(outcomes.values.toSorted().slice(0, 30)).toEqual(all.slice(0, 30));
    // And of the others some from everywhere.
    expect(Math.max(...outcomes.values)).toBeGreaterThan(all[200]!);
  });

  it("are equal if they say the same", () => {
    const limited = observationsOf(layout, history, "bad", 60);
    expect(areEqual(limited, observationsOf(layout, history, "bad", 60))).toBe(true);
    expect(areEqual(limited, observationsOf(layout, history, "bad", 61))).toBe(false);
    expect(
      areEqual(limited, { ...limited, outcomes: { unit: limited.outcomes.unit, values: limited.outcomes.values.with(0, -1) } }),
    ).toBe(false);
  });

  it("are fitted to anew for each trial at first, then whenever they are a part more", () => {
    const lengths = Array.from({ length: 200 }, (_, i) => fittedLength(i + 1, 40, 0.05));
    expect(lengths.slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    for (const [i, length] of lengths.entries()) {
      expect(length).toBeLessThanOrEqual(i + 1);
      expect(i + 1 - length).toBeLessThanOrEqual(Math.ceil(length * 0.05));
      if (i > 0) expect(length).toBeGreaterThanOrEqual(lengths[i - 1]!);
    }
    expect(new Set(lengths.slice(40)).size).toBeLessThan(60);
  });
});
