import { ArgminError, fileError } from "@argmin/base";
import { appendFile, mkdir, truncate } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { AnyModel } from "../layers/model.ts";
import { fileSuffix, keepEvents, type EarlierEvents } from "./earlier-events.ts";
import { encodeEvent, type Event, type EventContent, type Metadata, type Tensor } from "./event.ts";
import { encodeGraph, graphNodes } from "./graph-definition.ts";
import { histogramOf } from "./histogram.ts";
import {
  experimentMessage,
  sessionEndMessage,
  sessionStartMessage,
  type HparamsExperiment,
  type HparamsMessage,
  type SessionEnd,
  type SessionStart,
} from "./hparams.ts";
import type { PngImage } from "./png.ts";
import { frameRecord } from "./record.ts";

export interface EventFileOptions {
  /**
   * The last step of earlier files of the run that counts: what they tell of later ones is taken out, since it comes again. -1
   * begins the run anew. Default: all stays.
   */
  readonly keepUntil?: number;
  /** Unix time in seconds; default the clock's. */
  readonly now?: () => number;
}

/**
 * Writes a run of TensorBoard: a folder whose files hold scalars, histograms, images, texts, a graph and hyper-parameters by tag and
 * step.
 *
 * What is added is kept until `flush` appends it to the file in one piece. No file is open in between: there is nothing to lose when
 * the process is killed but what was not flushed, and there is no file before something is.
 */
export class EventFile {
  /** `events.out.tfevents.` with the time, the machine and the process. */
  readonly path: string;
  /** What the run's earlier files hold. */
  readonly earlier: EarlierEvents;
  readonly #folder: string;
  readonly #now: () => number;
  /** Tags whose first value is written. */
  readonly #known = new Set<string>();
  #pending: Uint8Array[] = [];
  #isBegun = false;
  /** Bytes in the file. */
  #length = 0;
  /** Ends with the last flush that was asked for. */
  #flushed: Promise<void> = Promise.resolve();

  private constructor(folder: string, earlier: EarlierEvents, { keepUntil = 0, now = clock }: EventFileOptions) {
    this.#folder = folder;
    this.#now = now;
    this.earlier = earlier;
    // Readers take the files of a run in the order of their names: two of one second would have none.
    const stamp = Math.max(Math.floor(clock()), earlier.lastStamp + 1);
    const name = `events.out.tfevents.${String(stamp).padStart(10, "0")}.${hostname()}.${process.pid}.${made++}${fileSuffix}`;
    this.path = join(folder, name);
    if (earlier.wasCut && keepUntil >= 0) this.#add(keepUntil + 1, { kind: "restart" });
  }

  /**
   * A new file of the run in that folder, made when it is first flushed.
   *
   * @throws ArgminError `data/missing` if an earlier file cannot be read, `file/*` if one cannot be cut.
   */
  static async open(folder: string, options: EventFileOptions = {}): Promise<EventFile> {
    return new EventFile(folder, await keepEvents(folder, options.keepUntil ?? Infinity), options);
  }

  /** Kept as float32, as TensorBoard reads it: what is too great for that as infinity. */
  scalar(tag: string, value: number, step: number): void {
    this.#value(tag, step, { kind: "float32", shape: [], values: [Math.fround(value)] }, { plugin: "scalars" });
  }

  /** How values are spread in 30 buckets: the pages of histograms and of distributions. */
  histogram(tag: string, values: Float32Array, step: number): void {
    const table = histogramOf(values);
    this.#value(tag, step, { kind: "float64", shape: [table.length / 3, 3], values: table }, { plugin: "histograms" });
  }

  /** @param description - Markdown; that of a tag's first image stays. */
  image(tag: string, { width, height, png }: PngImage, step: number, description?: string): void {
    const values = [Buffer.from(String(width)), Buffer.from(String(height)), png];
    const metadata = { plugin: "images", ...(description === undefined ? {} : { description }) } as const;
    this.#value(tag, step, { kind: "string", shape: [values.length], values }, metadata);
  }

  /** @param markdown - Is shown as such. */
  text(tag: string, markdown: string, step: number): void {
    this.#value(tag, step, { kind: "string", shape: [], values: [Buffer.from(markdown)] }, { plugin: "text" });
  }

  /** The run's network. A run has one. */
  graph(model: AnyModel): void {
    this.#add(0, { kind: "graph", graph: encodeGraph(graphNodes(model)) });
  }

  experiment(experiment: HparamsExperiment): void {
    this.#hparams(experimentMessage(experiment));
  }

  /** The run is a session of these hyper-parameters. */
  sessionStart(start: SessionStart): void {
    this.#hparams(sessionStartMessage(start));
  }

  sessionEnd(end: SessionEnd): void {
    this.#hparams(sessionEndMessage(end));
  }

  /**
   * Appends what was added since, after the flushes that were asked for before.
   *
   * @throws ArgminError `file/full` or `file/unwritable`; what was added is tried again by the next flush.
   */
  flush(): Promise<void> {
    const flushed = this.#flushed.then(() => this.#append());
    this.#flushed = flushed.catch(() => undefined);
    return flushed;
  }

  async #append(): Promise<void> {
    const { length } = this.#pending;
    if (length === 0) return;
    const bytes = Buffer.concat(this.#pending);
    try {
      await mkdir(this.#folder, { recursive: true });
      await appendFile(this.path, bytes);
    } catch (error) {
      // Readers stop at half a record: they would not see what a later flush appends to it.
      await truncate(this.path, this.#length).catch(() => undefined);
      throw fileError(this.path, error);
    }
    this.#length += bytes.length;
    this.#pending = this.#pending.slice(length);
  }

  #hparams({ tag, content }: HparamsMessage): void {
    this.#value(tag, 0, { kind: "float32", shape: [0], values: [] }, { plugin: "hparams", content });
  }

  #value(tag: string, step: number, tensor: Tensor, metadata: Metadata): void {
    if (!Number.isSafeInteger(step))
      throw new ArgminError("value/invalid", `The step of ${tag} in a log must be a whole number, not ${step}.`);
    const isFirst = !this.#known.has(tag);
    this.#known.add(tag);
    this.#add(step, { kind: "summary", summary: { tag, tensor, metadata: isFirst ? metadata : undefined } });
  }

  #add(step: number, content: EventContent): void {
    const wallTime = this.#now();
    if (!this.#isBegun) this.#push({ wallTime, step: 0, content: { kind: "version" } });
    this.#isBegun = true;
    this.#push({ wallTime, step, content });
  }

  #push(event: Event): void {
    this.#pending.push(frameRecord(encodeEvent(event)));
  }
}

/** Files made by this process, which tells those of one second and folder apart. */
let made = 0;

function clock(): number {
  return Date.now() / 1000;
}
