import { Rng, isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { goOn, type Pruner, type Verdict } from "../pruner/pruner.ts";
import { ReportTable, type Point } from "../pruner/report-history.ts";

/** What a pruner promises beyond the interface. */
export type PrunerTraits = {
  /** Compares trials with each other: one that is alone, or as good as all others, is never pruned. */
  readonly relative: boolean;
  /** What it stops early: trials that are worse than others, only such as become worse than they were, or nothing. */
  readonly prunes: "hopeless" | "declining" | "nothing";
};

export type PrunerUnderTest = {
  readonly name: string;
  /** Makes the pruner with settings that suit trials of some twenty steps; with `settings`, exactly those. */
  readonly make: (settings?: JsonObject) => Pruner;
  readonly traits: PrunerTraits;
};

const steps = 27;

/**
 * The tests that every pruner passes, whatever its strategy.
 *
 * @remarks Call it at the top level of a test file of vitest.
 */
export function describePruner({ name, make, traits }: PrunerUnderTest): void {
  describe(`pruner ${name}`, () => {
    it("says the same whenever it is asked the same, and leaves what it looks at as it was", () => {
      const pruner = make();
      const { table, numbers } = observed(40);
      const before = snapshot(table, numbers);
      const verdicts = numbers.map((number) => ask(pruner, table, number));
      expect(numbers.toReversed().map((number) => ask(make(), table, number))).toEqual(verdicts.toReversed());
      expect(numbers.map((number) => ask(pruner, table, number))).toEqual(verdicts);
      expect(snapshot(table, numbers)).toEqual(before);
    });

    it("says the same in whatever order the reports of others came", () => {
      const { points } = observed(20);
      const pruner = make();
      const shuffled = Rng.fromSeed("order").shuffle([...points]);
      const [one, other] = [filled(points), filled(shuffled)];
      for (const { number } of points) expect(ask(pruner, other, number)).toEqual(ask(pruner, one, number));
    });

    it("is made again from its own settings as JSON", () => {
      const pruner = make();
      const settings: JsonValue = JSON.parse(JSON.stringify(pruner.settings));
      if (!isJsonObject(settings)) throw new Error("internal: settings are an object.");
      const again = make(settings);
      expect([again.name, again.settings]).toEqual([pruner.name, pruner.settings]);
      const { table, numbers } = observed(30);
      for (const number of numbers) expect(ask(again, table, number)).toEqual(ask(pruner, table, number));
    });

    it("takes curves of any kind: one report, skipped steps, equal values, huge and tiny ones, none that is finite", () => {
      const curves: readonly (readonly (readonly [step: number, value: number])[])[] = [
        [[1, 0.5]],
        [[0, 1]],
        [
          [5, 1],
          [6, 1],
          [26, 1],
        ],
        [
          [1, 1e308],
          [2, -1e308],
          [1_000_000, 5e-324],
        ],
        [
          [1, Number.NaN],
          [3, Number.NaN],
        ],
        [[2, Number.POSITIVE_INFINITY]],
        [[3, Number.NEGATIVE_INFINITY]],
      ];
      const pruner = make();
      const { table } = observed(12);
      curves.forEach((curve, i) => {
        for (const [step, value] of curve) {
          table.add({ number: 1000 + i, token: 1, step, value });
          expectVerdict(ask(pruner, table, 1000 + i));
        }
      });
    });

    it("gives a reason that is a few words in one line", () => {
      const pruner = make();
      const { table, numbers } = observed(40);
      for (const number of numbers) expectVerdict(ask(pruner, table, number));
    });

    if (traits.relative) {
      it("leaves a trial alone that has nobody beside it", () => {
        const table = new ReportTable();
        const pruner = make();
        for (let step = 1; step <= steps; step++) {
          table.add({ number: 0, token: 1, step, value: step });
          expect(ask(pruner, table, 0)).toEqual({ kind: "continue" });
        }
      });

      it("leaves trials alone that are all equally good", () => {
        const ran = simulate(make(), () => 0.5, 30);
        expect(ran.map(({ state }) => state)).toEqual(ran.map(() => "complete"));
      });

      it("leaves a trial alone that is better than all others at every step", () => {
        const ran = simulate(make(), (trial) => -trial, 30);
        expect(ran.every(({ state }) => state === "complete")).toBe(true);
      });
    }

    if (traits.prunes === "hopeless") {
      it("prunes most of what is hopeless and keeps what is best, though curves are noisy", () => {
        const rng = Rng.fromSeed("learning curves");
        const ends = Array.from({ length: 60 }, (_, i) => rng.split("end", i).float());
        const noise = (trial: number, step: number): number => 0.02 * rng.split("noise", trial, step).normal();
        const ran = simulate(make(), (trial, step) => ends[trial]! + 1 / step + noise(trial, step), 60);
        const spent = ran.reduce((sum, { last }) => sum + last, 0);
        expect(spent).toBeLessThan(0.7 * 60 * steps);
        const complete = ran.flatMap(({ state }, i) => (state === "complete" ? [ends[i]!] : []));
        const ranked = ends.toSorted((a, b) => a - b);
        expect(Math.min(...complete)).toBeLessThanOrEqual(ranked[2]!);
      });
    }

    if (traits.prunes === "declining") {
      it("prunes what becomes worse than it was and keeps what goes on getting better", () => {
        const ran = simulate(make(), (trial, step) => (trial % 2 === 0 || step <= 4 ? 1 / step : step), 10);
        expect(ran.map(({ state }) => state)).toEqual(ran.map((_, i) => (i % 2 === 0 ? "complete" : "pruned")));
      });
    }

    it("pauses only what it may promote, and promotes what it would not pause now", () => {
      const pruner = make();
      const { table, numbers } = observed(40);
      const verdicts = numbers.map((number) => ask(pruner, table, number).kind);
      if (pruner.promote === undefined) return expect(verdicts).not.toContain("pause");
      const context = { direction: "minimize", reports: table } as const;
      const wouldGoOn = numbers.filter((_, number) => verdicts[number] === "continue");
      const others = numbers.filter((_, number) => verdicts[number] !== "continue");
      expect(pruner.promote({ ...context, paused: [] })).toBeUndefined();
      expect(pruner.promote({ ...context, paused: others })).toBeUndefined();
      const order: number[] = [];
      for (let left = numbers; ; left = left.filter((number) => number !== order.at(-1))) {
        const next = pruner.promote({ ...context, paused: left });
        expect(make().promote?.({ ...context, paused: left })).toBe(next);
        if (next === undefined) break;
        order.push(next);
      }
      expect(order.toSorted((a, b) => a - b)).toEqual(wouldGoOn);
      const reached = order.map((number) => table.curve(number).steps.at(-1)!);
      expect(reached).toEqual(reached.toSorted((a, b) => b - a));
    });

    if (traits.prunes === "nothing") {
      it("prunes nothing", () => {
        const ran = simulate(make(), (trial) => trial, 20);
        expect(ran.every(({ state, last }) => state === "complete" && last === steps)).toBe(true);
      });
    }
  });
}

/** A study of so many trials, one after the other, with learning curves that differ. */
function observed(trials: number): {
  readonly table: ReportTable;
  readonly numbers: readonly number[];
  readonly points: readonly Point[];
} {
  const rng = Rng.fromSeed("observed");
  const points = Array.from({ length: trials }, (_, number) => {
    const end = rng.split("end", number).float();
    const length = 1 + (number % steps);
    return Array.from({ length }, (_, i) => ({ number, token: 1, step: i + 1, value: end + 1 / (i + 1) }));
  }).flat();
  return { table: filled(points), numbers: Array.from({ length: trials }, (_, number) => number), points };
}

/** A table of these reports, in the order given; every third trial is complete. */
function filled(points: readonly Point[]): ReportTable {
  const table = new ReportTable();
  for (const point of points) table.add(point);
  for (const number of new Set(points.map((point) => point.number))) if (number % 3 === 0) table.finish(number, "complete");
  return table;
}

function ask(pruner: Pruner, table: ReportTable, number: number): Verdict {
  return pruner.decide({ number, direction: "minimize", curve: table.curve(number), reports: table });
}

function expectVerdict(verdict: Verdict): void {
  if (verdict.kind !== "continue") expect(verdict.reason).toMatch(/^\S.{3,118}[^\s.]$/u);
  else expect(verdict).toEqual({ kind: "continue" });
}

type Ran = { readonly state: "complete" | "pruned" | "paused"; readonly last: number };

/** Trials one after the other, each judged after every step but the last; before each new one, those that are promoted go on. */
function simulate(pruner: Pruner, value: (trial: number, step: number) => number, trials: number): readonly Ran[] {
  const table = new ReportTable();
  const ran: Ran[] = [];
  const run = (number: number, from: number): Ran => {
    for (let step = from; step <= steps; step++) {
      table.add({ number, token: 1, step, value: value(number, step) });
      const { kind } = step < steps ? ask(pruner, table, number) : goOn;
      if (kind === "pause") return { state: "paused", last: step };
      if (kind === "prune") {
        table.finish(number, "pruned");
        return { state: "pruned", last: step };
      }
    }
    table.finish(number, "complete");
    return { state: "complete", last: steps };
  };
  while (ran.length < trials) {
    ran.push(run(ran.length, 1));
    for (let next = promoted(pruner, table, ran); next !== undefined; next = promoted(pruner, table, ran)) {
      ran[next] = run(next, ran[next]!.last + 1);
    }
  }
  return ran;
}

function promoted(pruner: Pruner, reports: ReportTable, ran: readonly Ran[]): number | undefined {
  const paused = ran.flatMap(({ state }, number) => (state === "paused" ? [number] : []));
  return pruner.promote?.({ direction: "minimize", paused, reports });
}

function snapshot(table: ReportTable, numbers: readonly number[]): unknown {
  const curves = numbers.map((number) => structuredClone(table.curve(number)));
  const columns = [1, 3, 9].map((step) => structuredClone(table.reached(step, "all")));
  return [table.complete, table.steps, curves, columns];
}
