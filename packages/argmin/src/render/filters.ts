import { listed } from "@argmin/base";
import type { MessageStream } from "../terminal.ts";
import { formatAmount, formatCount, formatDuration } from "./format.ts";
import { fit, oneLine } from "./text.ts";

/** Milliseconds between lines where none can be redrawn, and between drawings of one. */
const pauses = { lines: 15_000, drawings: 200 } as const;

/** How far one way of exciting a layer's filters is. */
export interface AscentStep {
  readonly layer: string;
  /** That of all its steps, in the unit of the whole. */
  readonly work: number;
  /** Steps of images, of how many, in what time. */
  readonly done: number;
  readonly count: number;
  readonly milliseconds: number;
}

/** Shows how far an ascent is: the layer, how many images a second are changed, and how long all that is left will take. */
export class FilterProgress {
  readonly #stream: MessageStream;
  readonly #startedAt = Date.now();
  /** All that there is to do, and what was done before the layer, in the same unit. */
  readonly #total: number;
  #before = 0;
  /** When there may be something to show again. */
  #next: number;
  #isDrawn = false;

  /** @param total - The work of all layers. */
  constructor(stream: MessageStream, total: number) {
    this.#stream = stream;
    this.#total = total;
    this.#next = stream.live ? 0 : this.#startedAt + pauses.lines;
  }

  step({ layer, work, done, count, milliseconds }: AscentStep): void {
    const now = Date.now();
    if (now < this.#next) return;
    this.#next = now + (this.#stream.live ? pauses.drawings : pauses.lines);
    const share = (this.#before + (work * done) / count) / this.#total;
    const left = ((now - this.#startedAt) * (1 - share)) / share;
    const rate = Math.max(1, (done / milliseconds) * 1000);
    const text = `${layer}: ${Math.round((100 * done) / count)} % · ${formatCount(rate)} image steps a second · ${formatDuration(left)} left`;
    if (!this.#stream.live) {
      this.line(text);
      return;
    }
    this.#clear();
    this.#stream.write(fit(text, Math.max(20, this.#stream.columns() - 1)));
    this.#isDrawn = true;
  }

  /** As much is done, and something else begins. */
  finish(work: number): void {
    this.#before += work;
  }

  line(text: string): void {
    this.#clear();
    this.#stream.write(`${oneLine(text)}\n`);
  }

  close(): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#isDrawn) this.#stream.write("\r\u001B[K");
    this.#isDrawn = false;
  }
}

/** What came of a layer, in a sentence or two. */
export function renderExcited(
  { layer, filters, total }: { readonly layer: string; readonly filters: number; readonly total: number },
  { side, silent }: { readonly side: number; readonly silent: readonly number[] },
): string {
  if (side === 0) return `${layer}: nothing excited any of ${formatAmount(filters, "filter")}, so there is no picture.`;
  const isAll = side ** 2 === filters;
  const shown = `${layer}: ${isAll ? "" : "the strongest "}${side ** 2} of ${formatAmount(total, "filter")}`;
  if (silent.length === 0) return `${shown}.`;
  const names = silent.length > 12 ? [...silent.slice(0, 12), `${silent.length - 12} more`] : silent;
  return `${shown}; nothing excited ${formatAmount(silent.length, "filter")}: ${listed(names.map(String))}.`;
}
