import type { MessageStream } from "../terminal.ts";
import { formatAmount, formatCount } from "./format.ts";

/** A class that an image may show, and how likely it is. */
export interface Likely {
  /** Its number. */
  readonly index: number;
  readonly name: string;
  readonly probability: number;
}

/** What an output says of an image, the likeliest first. */
export interface Predicted {
  readonly output: string;
  readonly classes: readonly Likely[];
}

/** What a model sees on an image, in a line, or in one for each of its outputs. */
export function renderPrediction(file: string, predicted: readonly Predicted[]): string {
  const [only] = predicted;
  if (only !== undefined && predicted.length === 1) return `${file}: ${likeliest(only)}`;
  return [file, ...predicted.map((each) => `  ${each.output}: ${likeliest(each)}`)].join("\n");
}

function likeliest({ classes }: Predicted): string {
  return classes.map(({ name, probability }) => `${spaced(name)} ${formatShare(probability)}`).join(", ");
}

/** A class's name before a figure: where it ends in one itself, a colon parts the two. */
function spaced(name: string): string {
  return `${name.replaceAll("_", " ")}${/\d$/.test(name) ? ":" : ""}`;
}

/** A share between 0 and 1 in percent: `93.1 %`. */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

const secondsBetweenLines = 5;

/** Tells now and then how far a long pass over images is. */
export class PassProgress {
  readonly #stream: MessageStream;
  readonly #what: string;
  readonly #startedAt = performance.now();
  #toldAt = performance.now();

  /** @param what - What is counted: "file". */
  constructor(stream: MessageStream, what: string) {
    this.#stream = stream;
    this.#what = what;
  }

  report(done: number, of: number): void {
    const now = performance.now();
    if (done === of || now - this.#toldAt < 1000 * secondsBetweenLines) return;
    this.#toldAt = now;
    const rate = (1000 * done) / (now - this.#startedAt);
    this.#stream.write(`${formatCount(done)} of ${formatAmount(of, this.#what)}, ${formatCount(rate)} a second\n`);
  }
}
