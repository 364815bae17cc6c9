import { ArgminError, messageOf, writeFileAtomically } from "@argmin/base";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Direction } from "@argmin/search";
import type { ValueRange } from "../experiment.ts";

/** What the folder needs to know of a finished trial to name its file. */
export interface RankedTrial {
  readonly number: number;
  readonly state: "complete" | "pruned" | "failed" | "paused";
  readonly value: number | undefined;
  /** Where a trial is paused. */
  readonly step?: number | undefined;
}

/** The document of a trial, or undefined if there is no finished trial of that number; asked for only when a file needs it. */
export type ReadTrial = (number: number) => Promise<object | undefined>;

/**
 * A folder with one JSON file for each finished trial, for people: `0001_0.99444_trial-12.json` is the best trial, and sorting by
 * name sorts by result, pruned, paused and failed trials last. Where all values lie in a known range, the value alone does it
 * (`0.994440_trial-12.json`), and no file is renamed but that of a paused trial which goes on. The folder only mirrors the storage, so it may be deleted at any time.
 */
export class ResultsFolder {
  readonly path: string;
  readonly #read: ReadTrial;
  readonly #range: ValueRange | undefined;

  constructor(path: string, read: ReadTrial, range?: ValueRange) {
    this.path = path;
    this.#read = read;
    this.#range = range;
  }

  /**
   * Makes the folder hold exactly the files it should: those there are get their new names, those missing are written.
   *
   * @param contents - `compared` also looks into the files, which may come from another study of the same name, and removes
   *   those of trials that are not there. A process that goes on `trusted` leaves them: another one may have written them just now.
   * @throws ArgminError `file/unwritable` or `file/full`.
   */
  async mirror(trials: readonly RankedTrial[], direction: Direction, contents: "trusted" | "compared"): Promise<void> {
    const present = await this.#present();
    for (const [number, name] of fileNames(trials, direction, this.#range)) {
      const known = present.get(number);
      present.delete(number);
      if (known === undefined || (contents === "compared" && !(await this.#holds(known, number)))) {
        await this.#write(name, number);
        if (known !== undefined && known !== name) await this.#remove(known);
      } else if (known !== name && known.startsWith(pausedPrefix)) {
        // Of a trial that has come further since: the file tells of the pause.
        await this.#write(name, number);
        await this.#remove(known);
      } else if (known !== name) await this.#rename(known, name, number);
    }
    if (contents === "trusted") return;
    for (const [number, name] of present) if ((await this.#read(number)) === undefined) await this.#remove(name);
  }

  /** The file of each trial that has one. Two files of one trial can be left by a process that was killed: one is removed. */
  async #present(): Promise<Map<number, string>> {
    const present = new Map<number, string>();
    for (const name of await this.#list()) {
      const number = /_trial-(\d+)\.json$/.exec(name)?.[1];
      if (number === undefined) continue;
      const other = present.get(Number(number));
      if (other !== undefined) await this.#remove(other);
      present.set(Number(number), name);
    }
    return present;
  }

  async #list(): Promise<readonly string[]> {
    try {
      await mkdir(this.path, { recursive: true });
      return await readdir(this.path);
    } catch (error) {
      throw new ArgminError("file/unwritable", `The results folder ${this.path} cannot be used: ${messageOf(error)}.`, {
        cause: error,
      });
    }
  }

  async #holds(name: string, number: number): Promise<boolean> {
    const text = await readFile(join(this.path, name), "utf8").catch(() => undefined);
    const document = await this.#read(number);
    return document !== undefined && text === contentOf(document);
  }

  async #write(name: string, number: number): Promise<void> {
    const document = await this.#read(number);
    if (document !== undefined) await writeFileAtomically(join(this.path, name), contentOf(document));
  }

  /** Another process that mirrors the same study may have been first; then the file is simply written. */
  async #rename(from: string, to: string, number: number): Promise<void> {
    try {
      await rename(join(this.path, from), join(this.path, to));
    } catch {
      await this.#write(to, number);
    }
  }

  async #remove(name: string): Promise<void> {
    await rm(join(this.path, name), { force: true });
  }
}

/** What the names of paused trials' files begin with. */
const pausedPrefix = "paused_";

function contentOf(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** The name of each trial's file: a rank or a state, the value, the number; of a complete trial with a known range, the value leads. */
export function fileNames(trials: readonly RankedTrial[], direction: Direction, range?: ValueRange): ReadonlyMap<number, string> {
  if (range !== undefined) return new Map(trials.map((trial) => [trial.number, nameByValue(trial, range)] as const));
  const ranked = byResult(trials, direction);
  const digits = Math.max(4, String(ranked.length).length);
  return new Map(
    ranked.map(({ number, state, value, step }, i) => {
      const parts = [
        state === "complete" ? String(i + 1).padStart(digits, "0") : state,
        ...(value === undefined ? [] : [shortValue(value)]),
        ...placeOf({ state, step }),
        `trial-${number}.json`,
      ];
      return [number, parts.join("_")] as const;
    }),
  );
}

/** Digits before and after the point are the same for all values of a range, so that texts sort as numbers do. */
function nameByValue({ number, state, value, step }: RankedTrial, [, high]: ValueRange): string {
  const width = String(Math.floor(high)).length + 1 + shownDecimals;
  const parts = [
    ...(state === "complete" ? [] : [state]),
    ...(value === undefined ? [] : [value.toFixed(shownDecimals).padStart(width, "0")]),
    ...placeOf({ state, step }),
    `trial-${number}.json`,
  ];
  return parts.join("_");
}

/** The step of a paused trial: its file gets another name when it has come further. */
function placeOf({ state, step }: Pick<RankedTrial, "state" | "step">): readonly string[] {
  return state === "paused" && step !== undefined ? [`step-${step}`] : [];
}

const shownDecimals = 6;

/** Complete trials from the best to the worst, equal ones by number; then the pruned and the paused, those without a value last; then the failed. */
export function byResult<T extends RankedTrial>(trials: readonly T[], direction: Direction): readonly T[] {
  const sign = direction === "minimize" ? 1 : -1;
  const group = ({ state, value }: T): number =>
    state === "complete" ? 0 : state === "failed" ? 3 : value === undefined ? 2 : 1;
  return trials.toSorted((a, b) => group(a) - group(b) || sign * ((a.value ?? 0) - (b.value ?? 0)) || a.number - b.number);
}

function shortValue(value: number): string {
  return String(Number(value.toPrecision(6)));
}
