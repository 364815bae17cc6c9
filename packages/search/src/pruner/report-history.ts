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
  /** What a trial reported; empty if nothing. */
  curve(number: number): Curve;
  /** Of each trial that has come so far, the value of its first report at this step or after it; the best first. */
  reached(step: number, among: Among): SortedValues;
}

/** One report of the judged metric. */
export type Point = {
  readonly number: number;
  /** Which attempt of the trial it belongs to; an attempt makes those before it void. */
  readonly token: number;
  readonly step: number;
  readonly value: number;
};

type TrialCurve = { token: number; steps: number[]; values: number[]; state: FinishedState | undefined };

const nothing: Curve = { steps: [], values: [] };

/**
 * The reports of a study in this process. A step that somebody asked about has a column of its own from then on, kept sorted as
 * reports come in: each costs as much as a binary search.
 */
export class ReportTable implements ReportHistory {
  readonly #curves = new Map<number, TrialCurve>();
  readonly #columns: { readonly [A in Among]: Map<number, StepColumn> } = { all: new Map(), complete: new Map() };
  #complete = 0;
  #steps = 0;

  get complete(): number {
    return this.#complete;
  }

  /** How many steps were done: the sum of the last step of each trial. */
  get steps(): number {
    return this.#steps;
  }

  curve(number: number): Curve {
    return this.#curves.get(number) ?? nothing;
  }

  reached(step: number, among: Among): SortedValues {
    const columns = this.#columns[among];
    let column = columns.get(step);
    if (column === undefined) {
      const entries: { readonly value: number; readonly number: number }[] = [];
      for (const [number, { steps, values, state }] of this.#curves) {
        const at = firstAtOrAfter(steps, step);
        if (at < steps.length && (among === "all" || state === "complete")) entries.push({ value: values[at]!, number });
      }
      column = new StepColumn(entries);
      columns.set(step, column);
    }
    return column.sorted;
  }

  /** Adds a report. One of a later attempt makes the trial begin anew; a step that is reported again replaces the first. */
  add({ number, token, step, value }: Point): void {
    let curve = this.#curves.get(number);
    if (curve === undefined) {
      curve = { token, steps: [], values: [], state: undefined };
      this.#curves.set(number, curve);
    } else if (curve.token !== token) {
      this.#forget(number, curve);
      curve.token = token;
      curve.steps = [];
      curve.values = [];
    }
    const known = Number.isFinite(value) ? value : Number.POSITIVE_INFINITY;
    const from = curve.steps.length;
    if (from > 0 && step <= curve.steps[from - 1]!) return this.#revise(number, curve, step, known);
    if (from === 0 && curve.state === "complete") this.#complete += 1;
    this.#steps += step - (curve.steps[from - 1] ?? 0);
    curve.steps.push(step);
    curve.values.push(known);
    this.#enter(number, curve, from);
  }

  /** Takes note of how a trial ended, before or after its reports. */
  finish(number: number, state: FinishedState): void {
    let curve = this.#curves.get(number);
    if (curve === undefined) {
      // Its reports, if it has any, are still to come, and their token says all.
      curve = { token: Number.NaN, steps: [], values: [], state: undefined };
      this.#curves.set(number, curve);
    }
    curve.state = state;
    if (state !== "complete" || curve.steps.length === 0) return;
    this.#complete += 1;
    for (const [step, column] of this.#columns.complete) addTo(column, step, number, curve, 0);
  }

  /** Brings the entries of a curve from `from` on into the columns they are the first to reach. */
  #enter(number: number, curve: TrialCurve, from: number): void {
    for (const columns of this.#columnsOf(curve)) {
      for (const [step, column] of columns) addTo(column, step, number, curve, from);
    }
  }

  #columnsOf({ state }: TrialCurve): readonly ReadonlyMap<number, StepColumn>[] {
    const { all, complete } = this.#columns;
    return state === "complete" ? [all, complete] : [all];
  }

  #revise(number: number, curve: TrialCurve, step: number, value: number): void {
    const { steps, values } = curve;
    this.#forget(number, curve);
    const at = firstAtOrAfter(steps, step);
    const isThere = steps[at] === step;
    steps.splice(at, isThere ? 1 : 0, step);
    values.splice(at, isThere ? 1 : 0, value);
    if (curve.state === "complete") this.#complete += 1;
    this.#steps += steps.at(-1) ?? 0;
    this.#enter(number, curve, 0);
  }

  /** Takes a curve out of all columns and counts. */
  #forget(number: number, curve: TrialCurve): void {
    const { steps, values } = curve;
    if (steps.length === 0) return;
    this.#steps -= steps.at(-1) ?? 0;
    if (curve.state === "complete") this.#complete -= 1;
    for (const columns of this.#columnsOf(curve)) {
      for (const [step, column] of columns) {
        const at = firstAtOrAfter(steps, step);
        if (at < steps.length) column.remove(number, values[at]!);
      }
    }
  }
}

function addTo(column: StepColumn, step: number, number: number, { steps, values }: Curve, from: number): void {
  if (from > 0 && steps[from - 1]! >= step) return;
  const at = firstAtOrAfter(steps, step);
  if (at < steps.length) column.insert(number, values[at]!);
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
