import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { finishedStates, ReportTable, type Among, type FinishedState, type Point, type SortedValues } from "../../src/index.ts";

type Event =
  | { readonly kind: "report"; readonly point: Point }
  | { readonly kind: "finish"; readonly number: number; readonly state: FinishedState }
  | { readonly kind: "look"; readonly step: number; readonly among: Among }
  | { readonly kind: "count"; readonly count: number };

const count = fc.integer({ min: 1, max: 6 });

const number = fc.integer({ min: 0, max: 6 });
const step = fc.integer({ min: 0, max: 9 });
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ number, step, token: fc.constant(1), value: fc.constantFrom(0.25, 0.5, 1, 2, Number.NaN) })
      .map((point) => ({ kind: "report" as const, point })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ number, step, token: fc.constant(2), value: fc.constantFrom(0.25, 0.5) })
      .map((point) => ({ kind: "report" as const, point })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("finish" as const), number, state: fc.constantFrom(...finishedStates) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("look" as const), step, among: fc.constantFrom<Among[]>("all", "complete") }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("count" as const), count }) },
);

/** The same as a table, without any cleverness. */
class Model {
  readonly curves = new Map<number, { token: number; readonly values: Map<number, number> }>();
  readonly states = new Map<number, FinishedState>();

  add({ number, token, step, value }: Point): void {
    const known = this.curves.get(number);
    const curve = known?.token === token ? known : { token, values: new Map<number, number>() };
    this.curves.set(number, curve);
    curve.values.set(step, Number.isFinite(value) ? value : Number.POSITIVE_INFINITY);
  }

  steps(number: number): readonly number[] {
    return [...(this.curves.get(number)?.values.keys() ?? [])].toSorted((a, b) => a - b);
  }

  /** Pairs of value and number, sorted. */
  reached(step: number, among: Among): readonly (readonly [number, number])[] {
    return [...this.curves]
      .filter(([number]) => among === "all" || this.states.get(number) === "complete")
      .flatMap(([number, { values }]) => {
        const first = this.steps(number).find((candidate) => candidate >= step);
        return first === undefined ? [] : [[values.get(first)!, number] as const];
      })
      .toSorted(([a, m], [b, n]) => a - b || m - n || 0);
  }

  reported(count: number): readonly (readonly [number, number])[] {
    return [...this.curves]
      .flatMap(([number, { values }]) => {
        const finite = this.steps(number).filter((step) => Number.isFinite(values.get(step)));
        return finite.length < count ? [] : [[values.get(finite[count - 1]!)!, number] as const];
      })
      .toSorted(([a, m], [b, n]) => a - b || m - n);
  }
}

describe("a table of reports", () => {
  it("has in its columns what a search through all curves finds, whatever came in whatever order", () => {
    const property = fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const table = new ReportTable();
      const model = new Model();
      for (const one of events) {
        if (one.kind === "report") {
          table.add(one.point);
          model.add(one.point);
        } else if (one.kind === "finish" && !model.states.has(one.number)) {
          table.finish(one.number, one.state);
          model.states.set(one.number, one.state);
        } else if (one.kind === "look") expect(reached(table, one.step, one.among)).toEqual(model.reached(one.step, one.among));
        else if (one.kind === "count") expect(pairs(table.reported(one.count))).toEqual(model.reported(one.count));
      }
      for (let number = 0; number <= 6; number++) {
        expect(table.curve(number).steps).toEqual(model.steps(number));
        expect(table.curve(number).values).toEqual(model.steps(number).map((step) => model.curves.get(number)!.values.get(step)));
      }
      for (let step = 0; step <= 10; step++) {
        for (const among of ["all", "complete"] as const) expect(reached(table, step, among)).toEqual(model.reached(step, among));
      }
      for (let count = 1; count <= 7; count++) expect(pairs(table.reported(count))).toEqual(model.reported(count));
      const complete = model.reached(0, "complete").map(([, number]) => number);
      expect(table.complete).toBe(complete.length);
      expect(table.furthest).toBe(Math.max(0, ...complete.map((number) => model.steps(number).at(-1) ?? 0)));
      const lasts = [...model.curves.keys()].map((number) => model.steps(number).at(-1) ?? 0);
      expect(table.steps).toBe(lasts.reduce((sum, last) => sum + last, 0));
    });
    fc.assert(property, { numRuns: 300, seed: 7 });
  });

  it("stays quick with many trials: each report costs a search in a few sorted columns", () => {
    const table = new ReportTable();
    table.reached(1, "all");
    table.reached(9, "complete");
    for (let number = 0; number < 3000; number++) {
      for (let step = 1; step <= 20; step++) table.add({ number, token: 1, step, value: (number * 7919) % 3001 });
      table.finish(number, "complete");
    }
    const { values, numbers } = table.reached(9, "complete");
    expect(values).toHaveLength(3000);
    expect(values).toEqual(values.toSorted());
    expect(new Set(numbers).size).toBe(3000);
  });
});

function reached(table: ReportTable, step: number, among: Among): readonly (readonly [number, number])[] {
  return pairs(table.reached(step, among));
}

function pairs({ values, numbers }: SortedValues): readonly (readonly [number, number])[] {
  expect(values).toEqual(values.toSorted());
  return Array.from(values, (value, i) => [value, numbers[i]!] as const).toSorted(([a, m], [b, n]) => a - b || m - n || 0);
}
