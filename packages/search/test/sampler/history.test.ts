import { type History, TrialHistory } from "@argmin/search";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const states = ["complete", "pruned", "failed"] as const;

function historyOf(assignments: readonly Readonly<Record<string, number>>[]): TrialHistory {
  const history = new TrialHistory();
  for (const [i, assignment] of assignments.entries()) {
    history.append({
      sequence: 2 * i + 1,
      number: 1000 - i,
      state: states[i % 3]!,
      objective: i % 3 === 2 ? Number.NaN : i / 2,
      assignment,
    });
  }
  return history;
}

/** What the columns say, as one object a row. */
function rowsOf(history: History, labels: readonly string[]): readonly Readonly<Record<string, number>>[] {
  const rows = Array.from({ length: history.length }, (): Record<string, number> => ({}));
  for (const label of labels) {
    const column = history.column(label);
    for (const [i, row] of column.rows.entries()) rows[row]![label] = column.values[i]!;
  }
  return rows;
}

const labels = ["a", "b", "constructor"];
const assignments = fc.array(
  fc.dictionary(
    fc.constantFrom(...labels),
    fc.double({ noNaN: true }).map((value) => value + 0),
  ),
  { maxLength: 120 },
);

describe("a history", () => {
  it("keeps in columns what was appended, however much it grows", () => {
    fc.assert(
      fc.property(assignments, (appended) => {
        const history = historyOf(appended);
        expect(rowsOf(history, labels)).toEqual(appended.map((assignment) => ({ ...assignment })));
        expect([...history.numbers]).toEqual(appended.map((_, i) => 1000 - i));
        expect([...history.sequences]).toEqual(appended.map((_, i) => 2 * i + 1));
        expect([...history.states]).toEqual(appended.map((_, i) => i % 3));
        expect([...history.objectives]).toEqual(appended.map((_, i) => (i % 3 === 2 ? Number.NaN : i / 2)));
      }),
    );
  });

  it("has no trace of a row that was taken out", () => {
    fc.assert(
      fc.property(assignments, fc.array(fc.nat(119), { maxLength: 5 }), (appended, taken) => {
        const history = historyOf(appended);
        const gone = new Set(taken.filter((row) => row < appended.length));
        for (const row of gone) history.remove(2 * row + 1);
        history.append({ sequence: 1000, number: 7, state: "complete", objective: 1, assignment: { a: 4 } });
        const left = appended.flatMap((assignment, row) => (gone.has(row) ? [] : [{ assignment, row }]));
        expect(rowsOf(history, labels)).toEqual([...left.map(({ assignment }) => ({ ...assignment })), { a: 4 }]);
        expect([...history.numbers]).toEqual([...left.map(({ row }) => 1000 - row), 7]);
        expect([...history.sequences]).toEqual([...left.map(({ row }) => 2 * row + 1), 1000]);
        expect([...history.objectives.subarray(0, -1)]).toEqual(left.map(({ row }) => (row % 3 === 2 ? Number.NaN : row / 2)));
      }),
    );
    expect(() => historyOf([{}, {}]).remove(2)).toThrow(/internal/);
  });

  it("can be seen as it was when fewer trials had finished", () => {
    fc.assert(
      fc.property(assignments, fc.nat(250), fc.nat(250), (appended, sequence, earlier) => {
        const finished = (limit: number): number => Math.min(appended.length, Math.floor((limit + 1) / 2));
        const history = historyOf(appended);
        const before = history.upTo(sequence);
        expect(before.length).toBe(finished(sequence));
        expect(rowsOf(before, labels)).toEqual(appended.slice(0, finished(sequence)));
        expect(before.objectives).toHaveLength(before.length);
        expect(before.numbers).toHaveLength(before.length);
        expect(before.states).toHaveLength(before.length);
        expect(before.upTo(earlier).length).toBe(finished(Math.min(sequence, earlier)));
      }),
    );
  });

  it("has an empty column for what was never active", () => {
    const { values, rows } = historyOf([{ a: 1 }]).column("toString");
    expect([values.length, rows.length]).toEqual([0, 0]);
  });

  it("takes trials only in the order in which they finished", () => {
    const history = historyOf([{ a: 1 }]);
    const again = { sequence: 1, number: 5, state: "complete", objective: 0, assignment: {} } as const;
    expect(() => history.append(again)).toThrow("sequence 1, not above 1");
    expect(() => history.append({ ...again, sequence: Number.NaN })).toThrow("internal");
    expect(history.length).toBe(1);
  });
});
