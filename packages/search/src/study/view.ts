import { TrialHistory, type History } from "../sampler/history.ts";
import type { Assignment } from "../space/space.ts";
import type { Cursor, Direction, StudyChanges } from "../storage/storage.ts";
import { isBetter } from "./better.ts";

export type Best = { readonly number: number; readonly value: number };

/** What this process knows of a study: fed with changes, asked by samplers and stop rules. */
export class StudyView {
  readonly #direction: Direction;
  readonly #history = new TrialHistory();
  /** The first trial of each configuration. */
  readonly #numbers = new Map<string, number>();
  /** What has been added and has not finished, by trial number, ascending. */
  readonly #pending = new Map<number, Assignment>();
  /** The numbers of the trials that did not come from the sampler, ascending. */
  readonly #enqueued: number[] = [];
  #cursor: Cursor = { number: 0, sequence: 0 };
  #best: Best | undefined;
  #finishedSinceBest = 0;
  /** When the best value was last surpassed. */
  #bestSequence = 0;
  /** The sequences of the trials whose last result is a pause. */
  readonly #pauses = new Map<number, number>();
  #waiting = 0;
  #running = 0;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  /** Up to where the study has been read; `number` is the next free number as far as is known. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  get history(): History {
    return this.#history;
  }

  /** What the trials that have not finished are about, by number. */
  get pending(): readonly Assignment[] {
    return [...this.#pending.values()];
  }

  /** Their numbers, ascending. */
  get pendingNumbers(): readonly number[] {
    return [...this.#pending.keys()];
  }

  /** The trials whose last result is a pause, and its sequence. */
  get pauses(): ReadonlyMap<number, number> {
    return this.#pauses;
  }

  get best(): Best | undefined {
    return this.#best;
  }

  get finishedSinceBest(): number {
    return this.#finishedSinceBest;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get running(): number {
    return this.#running;
  }

  /** How many different configurations there are. */
  get configurations(): number {
    return this.#numbers.size;
  }

  /** The number of the first trial with that configuration. */
  numberOf(hash: string): number | undefined {
    return this.#numbers.get(hash);
  }

  /** How many suggestions the sampler made for trials below a number, as far as is known. */
  suggestionsBefore(number: number): number {
    let below = this.#enqueued.length;
    while (below > 0 && this.#enqueued[below - 1]! >= number) below -= 1;
    return number - below;
  }

  apply({ added, finished, waiting, running }: StudyChanges): void {
    for (const { number, hash, origin, assignment } of added) {
      if (assignment !== undefined) this.#pending.set(number, assignment);
      if (origin === "enqueued") this.#enqueued.push(number);
      if (hash !== undefined && !this.#numbers.has(hash)) this.#numbers.set(hash, number);
    }
    for (const { sequence, number, state, value, step, assignment } of finished) {
      // A history is always to be minimised.
      const objective = value === undefined ? Number.NaN : this.#direction === "minimize" ? value : -value;
      this.#pending.delete(number);
      this.#forgetPause(number);
      if (state === "paused") this.#pauses.set(number, sequence);
      this.#history.append({ sequence, number, state: state === "paused" ? "pruned" : state, objective, step, assignment });
      this.#finishedSinceBest += 1;
      if (state === "complete" && value !== undefined) this.#compare({ number, value }, sequence);
    }
    this.#waiting = waiting;
    this.#running = running;
    this.#cursor = {
      number: this.#cursor.number + added.length,
      sequence: finished.at(-1)?.sequence ?? this.#cursor.sequence,
    };
  }

  /** A trial has one result: that of a pause is void once it has another one. */
  #forgetPause(number: number): void {
    const sequence = this.#pauses.get(number);
    if (sequence === undefined) return;
    this.#pauses.delete(number);
    this.#history.remove(sequence);
    if (sequence > this.#bestSequence) this.#finishedSinceBest -= 1;
  }

  #compare(candidate: Best, sequence: number): void {
    const best = this.#best;
    const isGain = best === undefined || isBetter(this.#direction, candidate.value, best.value);
    if (isGain) [this.#finishedSinceBest, this.#bestSequence] = [0, sequence];
    // Of equals the lowest number is the best, so that it does not depend on which of several workers was faster.
    if (isGain || (candidate.value === best.value && candidate.number < best.number)) this.#best = candidate;
  }
}
