import type { Assignment } from "../space/space.ts";

/** The states in which a trial can end, in the order of the codes that `History.states` holds. */
export const finishedStates = ["complete", "pruned", "failed"] as const;
export type FinishedState = (typeof finishedStates)[number];

/** One finished trial, as it is appended to a history. */
export type Observation = {
  /** Place in the order in which the study's trials finished; greater than those of all observations before it. */
  readonly sequence: number;
  /** The trial's number in its study. */
  readonly number: number;
  readonly state: FinishedState;
  /** The objective, to be minimised: the study changes its sign when it maximises. NaN for a trial that failed. */
  readonly objective: number;
  /** How far a pruned trial came, if it reported anything. */
  readonly step?: number | undefined;
  readonly assignment: Assignment;
};

/** What was observed of one parameter: entry i is the value that the trial in row `rows[i]` of the history had. Rows ascend. */
export type Column = {
  readonly values: Float64Array;
  readonly rows: Uint32Array;
};

/**
 * The finished trials in columns, one row a trial, sorted by the order in which they finished.
 *
 * @remarks All arrays are views of the history's own memory, valid until the next trial is appended: read, never keep or write.
 */
export interface History {
  /** The number of rows. */
  readonly length: number;
  readonly sequences: Float64Array;
  readonly numbers: Float64Array;
  /** Codes: indices into `finishedStates`. */
  readonly states: Uint8Array;
  /** To be minimised; NaN where a trial failed. */
  readonly objectives: Float64Array;
  /** How far a pruned trial came, or one that is paused, which is a pruned one here: the step of its objective; NaN where it reported none, and for trials that were not pruned. */
  readonly steps: Float64Array;

  /** The observations of a parameter; empty if it was never active. */
  column(label: string): Column;

  /** The history as it was when `sequence` was the last trial to have finished. */
  upTo(sequence: number): History;
}

type GrowingColumn = { values: Float64Array; rows: Uint32Array; length: number };

const initialCapacity = 16;

/** The history of a study in this process; grows as trials finish, at amortised constant cost for each value. A trial has one row. */
export class TrialHistory implements History {
  #length = 0;
  #sequences = new Float64Array(initialCapacity);
  #numbers = new Float64Array(initialCapacity);
  #states = new Uint8Array(initialCapacity);
  #objectives = new Float64Array(initialCapacity);
  #steps = new Float64Array(initialCapacity);
  readonly #columns = new Map<string, GrowingColumn>();

  get length(): number {
    return this.#length;
  }

  get sequences(): Float64Array {
    return this.#sequences.subarray(0, this.#length);
  }

  get numbers(): Float64Array {
    return this.#numbers.subarray(0, this.#length);
  }

  get states(): Uint8Array {
    return this.#states.subarray(0, this.#length);
  }

  get objectives(): Float64Array {
    return this.#objectives.subarray(0, this.#length);
  }

  get steps(): Float64Array {
    return this.#steps.subarray(0, this.#length);
  }

  /** Adds a finished trial as the last row. */
  append({ sequence, number, state, objective, step, assignment }: Observation): void {
    const row = this.#length;
    const last = row === 0 ? Number.NEGATIVE_INFINITY : this.#sequences[row - 1]!;
    if (!(sequence > last)) throw new Error(`internal: trial ${number} has sequence ${sequence}, not above ${last}.`);
    if (row === this.#sequences.length) {
      this.#sequences = doubled(this.#sequences, new Float64Array(row * 2));
      this.#numbers = doubled(this.#numbers, new Float64Array(row * 2));
      this.#states = doubled(this.#states, new Uint8Array(row * 2));
      this.#objectives = doubled(this.#objectives, new Float64Array(row * 2));
      this.#steps = doubled(this.#steps, new Float64Array(row * 2));
    }
    this.#sequences[row] = sequence;
    this.#numbers[row] = number;
    this.#states[row] = finishedStates.indexOf(state);
    this.#objectives[row] = objective;
    this.#steps[row] = step ?? Number.NaN;
    this.#length = row + 1;
    for (const label of Object.keys(assignment)) this.#observe(label, assignment[label]!, row);
  }

  column(label: string): Column {
    return this.#slice(label, this.#length);
  }

  /** Takes out the row of that sequence, whose trial has come to something else since. Costs as much as copying the history. */
  remove(sequence: number): void {
    const row = lowerBound(this.sequences, sequence);
    if (row === this.#length || this.#sequences[row] !== sequence) {
      throw new Error(`internal: the history has no row of sequence ${sequence}.`);
    }
    for (const array of [this.#sequences, this.#numbers, this.#states, this.#objectives, this.#steps]) {
      array.copyWithin(row, row + 1, this.#length);
    }
    this.#length -= 1;
    for (const column of this.#columns.values()) {
      const at = lowerBound(column.rows.subarray(0, column.length), row);
      if (at < column.length && column.rows[at] === row) {
        column.values.copyWithin(at, at + 1, column.length);
        column.rows.copyWithin(at, at + 1, column.length);
        column.length -= 1;
      }
      for (let i = at; i < column.length; i++) column.rows[i]! -= 1;
    }
  }

  upTo(sequence: number): History {
    const length = lowerBound(this.sequences, sequence + 0.5);
    const column = (label: string): Column => this.#slice(label, length);
    const upTo = (earlier: number): History => this.upTo(Math.min(earlier, sequence));
    return {
      length,
      sequences: this.#sequences.subarray(0, length),
      numbers: this.#numbers.subarray(0, length),
      states: this.#states.subarray(0, length),
      objectives: this.#objectives.subarray(0, length),
      steps: this.#steps.subarray(0, length),
      column,
      upTo,
    };
  }

  #observe(label: string, value: number, row: number): void {
    let column = this.#columns.get(label);
    if (column === undefined) {
      column = { values: new Float64Array(initialCapacity), rows: new Uint32Array(initialCapacity), length: 0 };
      this.#columns.set(label, column);
    } else if (column.length === column.values.length) {
      column.values = doubled(column.values, new Float64Array(column.length * 2));
      column.rows = doubled(column.rows, new Uint32Array(column.length * 2));
    }
    column.values[column.length] = value;
    column.rows[column.length] = row;
    column.length += 1;
  }

  #slice(label: string, rowLimit: number): Column {
    const column = this.#columns.get(label);
    if (column === undefined) return { values: new Float64Array(0), rows: new Uint32Array(0) };
    const rows = column.rows.subarray(0, column.length);
    const length = rowLimit === this.#length ? column.length : lowerBound(rows, rowLimit);
    return { values: column.values.subarray(0, length), rows: rows.subarray(0, length) };
  }
}

function doubled<A extends Float64Array | Uint32Array | Uint8Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}

/** The number of entries below `limit` of an ascending array. */
function lowerBound(ascending: Float64Array | Uint32Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
