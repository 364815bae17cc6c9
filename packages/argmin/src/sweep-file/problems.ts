import { ArgminError } from "@argmin/base";
import { count, type Place } from "./node.ts";

/** Something of a file that somebody has to be told, in whole sentences. */
export interface Remark {
  readonly place: Place;
  /** Goes on from "file:line:column: ". */
  readonly text: string;
}

/** What is wrong with a file, and what is only worth a warning, as it comes up. */
export class Remarks {
  readonly #file: string;
  readonly #problems: Remark[] = [];
  readonly #warnings: Remark[] = [];

  /** @param file - The name of the file, as messages show it. */
  constructor(file: string) {
    this.#file = file;
  }

  refuse(place: Place, text: string): void {
    // A value that stands behind several aliases is wrong once.
    if (!this.#problems.some((known) => isSamePlace(known.place, place) && known.text === text))
      this.#problems.push({ place, text });
  }

  warn(place: Place, text: string): void {
    this.#warnings.push({ place, text });
  }

  get hasProblems(): boolean {
    return this.#problems.length > 0;
  }

  /** Each in the form "file:line:column: sentence", by place. */
  get warnings(): readonly string[] {
    return this.#warnings.toSorted(byPlace).map((warning) => this.#shown(warning));
  }

  /**
   * All that is wrong as one error: the first problem by its place, and how many more there are.
   *
   * @throws ArgminError `sweep/invalid` if anything is wrong.
   */
  check(): void {
    const [first, ...others] = this.#problems.toSorted(byPlace);
    if (first === undefined) return;
    const next = others[0];
    const more =
      next === undefined
        ? ""
        : ` There ${others.length === 1 ? "is" : "are"} ${count(others.length, "more problem")} in the file, ${others.length === 1 ? "" : "the next "}in line ${next.place.line}.`;
    throw new ArgminError("sweep/invalid", `${this.#shown(first)}${more}`);
  }

  #shown({ place: { line, column }, text }: Remark): string {
    return `${this.#file}:${line}:${column}: ${text}`;
  }
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.line === b.line && a.column === b.column;
}

function byPlace({ place: a }: Remark, { place: b }: Remark): number {
  return a.line - b.line || a.column - b.column;
}
