import { canonicalJson, parseJson, type JsonObject, type JsonValue } from "@argmin/base";
import type { Assignment } from "../space/space.ts";
import type { Lease, Storage, TrialUpdate } from "../storage/storage.ts";
import type { Report } from "../storage/trial.ts";

/**
 * Brings to the storage what a running trial says, without making the objective wait: what comes in one turn of the event
 * loop is written together, and what has not been written when the trial ends is written with its result.
 */
export class TrialWriter {
  readonly #storage: Storage;
  readonly #lease: Lease;
  #reports: Report[] = [];
  #attributes: JsonObject | undefined;
  #assignment: Assignment | undefined;
  #scheduled: NodeJS.Immediate | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(storage: Storage, lease: Lease) {
    this.#storage = storage;
    this.#lease = lease;
  }

  report(report: Report): void {
    this.#reports.push(report);
    this.#schedule();
  }

  /** @throws ArgminError `json/invalid` if the value is not JSON. */
  setAttribute(name: string, value: JsonValue): void {
    // A copy: what the objective does to the value later must not make it one that cannot be stored.
    this.#attributes = { ...this.#attributes, [name]: parseJson(canonicalJson(value), "the attribute") };
    this.#schedule();
  }

  setAssignment(assignment: Assignment): void {
    this.#assignment = assignment;
    this.#schedule();
  }

  /**
   * Waits for what is being written and returns what is not written yet; nothing is written afterwards. The same again when it
   * is called again, since the caller may have failed to write it.
   */
  async drain(): Promise<TrialUpdate | undefined> {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    await this.#written;
    return this.#pending();
  }

  /** Waits until all that was said so far is written. */
  async flush(): Promise<void> {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#write();
    await this.#written;
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => this.#write());
  }

  #write(): void {
    this.#scheduled = undefined;
    const update = this.#pending();
    if (update === undefined) return;
    this.#reports = [];
    this.#attributes = undefined;
    this.#assignment = undefined;
    this.#written = this.#written.then(() => this.#storage.update(this.#lease, update));
    // A refusal is not lost: `drain` meets it, and until then the objective goes on.
    this.#written.catch(() => undefined);
  }

  #pending(): TrialUpdate | undefined {
    if (this.#reports.length === 0 && this.#attributes === undefined && this.#assignment === undefined) return undefined;
    return {
      ...(this.#reports.length === 0 ? {} : { reports: this.#reports }),
      ...(this.#attributes === undefined ? {} : { attributes: this.#attributes }),
      ...(this.#assignment === undefined ? {} : { assignment: this.#assignment }),
    };
  }
}
