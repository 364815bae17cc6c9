import type { FinishedState } from "../sampler/history.ts";
import { StepColumn, type SortedValues } from "./step-column.ts";

/** What one trial reported: steps ascending, one value each, to be minimised. A value that was NaN is infinite here: the worst. */
export type Curve = { readonly steps: readonly number[]; readonly values: readonly number[] };

/** Whose reports to look at: those of all trials, whatever has become of them, or of complete ones only. */
export type Among = "all" | "complete";

/**
 * What the trials of a study reported of the metric that is judged.
 *
 * @remarks All arrays are views of the history's own memory, valid until the next report: read, never keep or write.
 */
export interface ReportHistory {
  /** How many of the trials that reported anything are complete. */
  readonly complete: number;
  /** The last step of the complete trial that came furthest; 0 if none reported anything. */
  readonly furthest: number;
  /** What a trial reported; empty if nothing. */
  curve(number: number): Curve;
  /** Of each trial that has come so far, the value of its first report at this step or after it; the best first. */
  reached(step: number, among: Among): SortedValues;
  /** Of each trial with so many finite reports, 1 or more, the value of the last of that many; the best first. */
  reported(count: number): SortedValues;
}

/** One report of the judged metric. */
export type Point = {
  readonly number: number;
  /** Which attempt of the trial it belongs to; an attempt makes those before it void. */
  readonly token: number;
  readonly step: number;
  readonly value: number;
};

type TrialCurve = { token: number; steps: number[]; values: number[]; finite: number; state: FinishedState | undefined };

/** The columns by what they are about: those of steps, of all trials or complete ones, and those of counts of reports. */
type ColumnKind = Among | "reported";

/** The place in a curve of the value that a column has of it; the curve's length or more if it has not come so far. */
const placeIn: { readonly [K in ColumnKind]: (curve: TrialCurve, key: number) => number } = {
  all: ({ steps }, step) => firstAtOrAfter(steps, step),
  complete: ({ steps, state }, step) => (state === "complete" ? firstAtOrAfter(steps, step) : steps.length),
  reported: finitePlace,
};
const columnKinds = ["all", "complete", "reported"] as const;

const nothing: Curve = { steps: [], values: [] };

/**
 * The reports of a study in this process. A column that somebody asked for is kept sorted from then on as reports come in: each
 * costs as much as a binary search.
 */
export class ReportTable implements ReportHistory {
  readonly #curves = new Map<number, TrialCurve>();
  readonly #columns: { readonly [K in ColumnKind]: Map<number, StepColumn> } = {
    all: new Map(),
    complete: new Map(),
    reported: new Map(),
  };
  #complete = 0;
  #steps = 0;
  /** Undefined while it is not known. */
  #furthest: number | undefined = 0;

  get complete(): number {
    return this.#complete;
  }

  /** How many steps were done: the sum of the last step of each trial. */
  get steps(): number {
    return this.#steps;
  }

  get furthest(): number {
    if (this.#furthest === undefined) {
      this.#furthest = 0;
      for (const curve of this.#curves.values()) this.#noteFurthest(curve);
    }
    return this.#furthest;
  }

  curve(number: number): Curve {
    return this.#curves.get(number) ?? nothing;
  }

  reached(step: number, among: Among): SortedValues {
    return this.#column(among, step);
  }

  reported(count: number): SortedValues {
    return this.#column("reported", count);
  }

  #column(kind: ColumnKind, key: number): SortedValues {
    let column = this.#columns[kind].get(key);
    if (column === undefined) {
      const entries: { readonly value: number; readonly number: number }[] = [];
      for (const [number, curve] of this.#curves) {
        const at = placeIn[kind](curve, key);
        if (at < curve.values.length) entries.push({ value: curve.values[at]!, number });
      }
      column = new StepColumn(entries);
      this.#columns[kind].set(key, column);
    }
    return column.sorted;
  }

  /** Adds a report. One of a later attempt makes the trial begin anew; a step that is reported again replaces the first. */
  add({ number, token, step, value }: Point): void {
    let curve = this.#curves.get(number);
    if (curve === undefined) {
      curve = { token, steps: [], values: [], finite: 0, state: undefined };
      this.#curves.set(number, curve);
    } else if (curve.token !== token) {
      this.#forget(number, curve);
      curve.token = token;
      curve.steps = [];
      curve.values = [];
      curve.finite = 0;
    }
    const known = Number.isFinite(value) ? value : Number.POSITIVE_INFINITY;
    const from = curve.steps.length;
    if (from > 0 && step <= curve.steps[from - 1]!) return this.#revise(number, curve, step, known);
    if (from === 0 && curve.state === "complete") this.#complete += 1;
    this.#steps += step - (curve.steps[from - 1] ?? 0);
    curve.steps.push(step);
    curve.values.push(known);
    if (known !== Number.POSITIVE_INFINITY) curve.finite += 1;
    this.#noteFurthest(curve);
    for (const kind of columnKinds) this.#enter(kind, number, curve, from);
  }

  /** Takes note of how a trial ended, before or after its reports. */
  finish(number: number, state: FinishedState): void {
    let curve = this.#curves.get(number);
    if (curve === undefined) {
      // Its reports, if it has any, are still to come, and their token says all.
      curve = { token: Number.NaN, steps: [], values: [], finite: 0, state: undefined };
      this.#curves.set(number, curve);
    }
    curve.state = state;
    if (state !== "complete" || curve.steps.length === 0) return;
    this.#complete += 1;
    this.#noteFurthest(curve);
    this.#enter("complete", number, curve, 0);
  }

  /** Brings the entries of a curve from `from` on into the columns that they are the first to reach. */
  #enter(kind: ColumnKind, number: number, curve: TrialCurve, from: number): void {
    if (kind === "complete" && curve.state !== "complete") return;
    for (const [key, column] of this.#columns[kind]) {
      const at = placeIn[kind](curve, key);
      if (at >= from && at < curve.values.length) column.insert(number, curve.values[at]!);
    }
  }

  #noteFurthest({ state, steps }: TrialCurve): void {
    if (this.#furthest !== undefined && state === "complete") this.#furthest = Math.max(this.#furthest, steps.at(-1) ?? 0);
  }

  #revise(number: number, curve: TrialCurve, step: number, value: number): void {
    const { steps, values } = curve;
    this.#forget(number, curve);
    const at = firstAtOrAfter(steps, step);
    const isThere = steps[at] === step;
    steps.splice(at, isThere ? 1 : 0, step);
    values.splice(at, isThere ? 1 : 0, value);
    curve.finite = values.filter((value) => value !== Number.POSITIVE_INFINITY).length;
    if (curve.state === "complete") this.#complete += 1;
    this.#steps += steps.at(-1) ?? 0;
    this.#noteFurthest(curve);
    for (const kind of columnKinds) this.#enter(kind, number, curve, 0);
  }

  /** Takes a curve out of all columns and counts. */
  #forget(number: number, curve: TrialCurve): void {
    const { steps, values, state } = curve;
    if (steps.length === 0) return;
    this.#steps -= steps.at(-1) ?? 0;
    if (state === "complete") {
      this.#complete -= 1;
      this.#furthest = undefined;
    }
    for (const kind of columnKinds) {
      for (const [key, column] of this.#columns[kind]) {
        const at = placeIn[kind](curve, key);
        if (at < values.length) column.remove(number, values[at]!);
      }
    }
  }
}

/** The place of the finite entry that so many finite ones, itself included, end at. */
function finitePlace({ values, finite }: TrialCurve, count: number): number {
  if (count > finite) return values.length;
  if (finite === values.length) return count - 1;
  let left = count;
  return values.findIndex((value) => value !== Number.POSITIVE_INFINITY && --left === 0);
}

/** The place of the first entry that is not below `step`. */
function firstAtOrAfter(steps: readonly number[], step: number): number {
  // A trial that is judged has just come to the step: its last entry is the most likely one.
  let high = steps.length;
  if (high > 0 && steps[high - 1]! < step) return high;
  let low = 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
