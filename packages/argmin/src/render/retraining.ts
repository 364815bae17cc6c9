import type { JsonObject } from "@argmin/base";
import type { MessageStream } from "../terminal.ts";
import { formatDuration } from "./format.ts";
import { describeStep, type StepView } from "./progress.ts";
import { flatten, renderPairs } from "./summary.ts";
import { fit, oneLine } from "./text.ts";

/** Shows a single long training: a line for each of its steps, and where lines can be redrawn, one of how long it has been at the next. */
export class RetrainProgress {
  readonly #stream: MessageStream;
  readonly #startedAt = Date.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #first: { readonly step: number; readonly at: number } | undefined;
  #last: { readonly step: StepView; readonly at: number } | undefined;
  #isDrawn = false;

  constructor(stream: MessageStream) {
    this.#stream = stream;
    if (!stream.live) return;
    this.#timer = setInterval(() => this.#draw(), 1000);
    this.#timer.unref();
  }

  report(step: StepView): void {
    const at = Date.now();
    this.line(`${describeStep(step)}${this.#left(step, at)}`);
    this.#first ??= { step: step.step, at };
    this.#last = { step, at };
  }

  line(text: string): void {
    this.#clear();
    this.#stream.write(`${oneLine(text)}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  /** How long the steps that are left will take, from the second step on: what loads and compiles is no measure. */
  #left({ step, of }: StepView, at: number): string {
    if (of === undefined || this.#first === undefined || step <= this.#first.step || step >= of) return "";
    const each = (at - this.#first.at) / (step - this.#first.step);
    return ` · ${formatDuration(each)} each · ${formatDuration(each * (of - step))} left`;
  }

  #draw(): void {
    const now = Date.now();
    const place = this.#last === undefined ? "first step" : `step ${this.#last.step.step + 1}`;
    const text = `${place}, ${formatDuration(now - (this.#last?.at ?? this.#startedAt))} so far`;
    this.#clear();
    this.#stream.write(fit(text, Math.max(20, this.#stream.columns() - 1)));
    this.#isDrawn = true;
  }

  #clear(): void {
    if (this.#isDrawn) this.#stream.write("\r\u001B[K");
    this.#isDrawn = false;
  }
}

/**
 * What a training came to, and where it lies.
 *
 * @param look - The command that opens its logs, if it has any.
 */
export function renderRetrained(point: string, folder: string, result: JsonObject, look: string | undefined): string {
  const places = [["folder", folder], ...(look === undefined ? [] : [["look at it", look]])] as const;
  return [`Trained ${point}`, renderPairs([...flatten(result), ...places])].join("\n\n");
}
