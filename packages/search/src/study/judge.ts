import { goOn, type Pruner, type Verdict } from "../pruner/pruner.ts";
import { ReportTable, type Curve } from "../pruner/report-history.ts";
import { finishedStates, type History } from "../sampler/history.ts";
import type { Storage, StudyRecord } from "../storage/storage.ts";

/**
 * Asks a study's pruner, with what all processes have reported: the storage is the one place where reports come together, so
 * their order is the same for everybody. They are read when somebody needs them, and then only what is new.
 */
export class Judge {
  readonly #storage: Storage;
  readonly #record: StudyRecord;
  readonly #pruner: Pruner;
  readonly #reports = new ReportTable();
  /** How far the storage has been read. */
  #sequence = 0;
  /** Up to which sequence the history has been taken note of. */
  #noted = 0;
  /** Reads happen one after the other: two at once would bring the same reports. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor({ storage, record, pruner }: { readonly storage: Storage; readonly record: StudyRecord; readonly pruner: Pruner }) {
    this.#storage = storage;
    this.#record = record;
    this.#pruner = pruner;
  }

  /** Whether trials are judged at all. */
  get isNeeded(): boolean {
    return this.#pruner.name !== "none";
  }

  /** Whether trials may be paused and promoted later. */
  get promotes(): boolean {
    return this.#pruner.promote !== undefined;
  }

  /** What becomes of a trial, by its report of that step: what it has reported since is for the next verdict. */
  async decide(number: number, step: number, history: History): Promise<Verdict> {
    await this.read();
    this.#noteEnds(history);
    const { direction } = this.#record;
    const curve = upTo(this.#reports.curve(number), step);
    // Nothing is there if the trial was put back a moment ago.
    return curve.steps.length === 0 ? goOn : this.#pruner.decide({ number, direction, curve, reports: this.#reports });
  }

  /** The paused trial that goes on now, if one does. */
  async promotion(history: History): Promise<number | undefined> {
    const { promote } = this.#pruner;
    if (promote === undefined) return undefined;
    const paused = await this.#storage.paused(this.#record.id);
    if (paused.length === 0) return undefined;
    await this.read();
    this.#noteEnds(history);
    return promote({ direction: this.#record.direction, paused, reports: this.#reports });
  }

  /** The sum of the last step of each trial. */
  async countSteps(): Promise<number> {
    await this.read();
    return this.#reports.steps;
  }

  /** What a trial has reported, as far as it has been read. */
  curve(number: number): Curve {
    return this.#reports.curve(number);
  }

  /** Takes in what has been reported since. */
  read(): Promise<void> {
    const done = this.#reading.then(async () => {
      const { id, pruner, direction } = this.#record;
      const { sequence, points } = await this.#storage.metricChanges(id, pruner.metric, this.#sequence);
      for (const { number, token, step, value } of points) {
        this.#reports.add({ number, token, step, value: direction === "minimize" ? value : -value });
      }
      this.#sequence = sequence;
    });
    this.#reading = done.catch(() => undefined);
    return done;
  }

  #noteEnds({ length, sequences, numbers, states }: History): void {
    let row = length;
    while (row > 0 && sequences[row - 1]! > this.#noted) row -= 1;
    for (; row < length; row++) this.#reports.finish(numbers[row]!, finishedStates[states[row]!]!);
    this.#noted = sequences[length - 1] ?? this.#noted;
  }
}

function upTo({ steps, values }: Curve, step: number): Curve {
  let length = steps.length;
  while (length > 0 && steps[length - 1]! > step) length -= 1;
  return length === steps.length ? { steps, values } : { steps: steps.slice(0, length), values: values.slice(0, length) };
}
