import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** The folder of logs within that of a study. */
const logFolder = "logs";

/** The file that holds what a trial printed, within the folder of its study. */
export function trialLogFile(folder: string, number: number): string {
  return join(folder, logFolder, `trial-${number}.log`);
}

/** What trials print, a file each. A file is made with its first line; one that cannot be written is done without, since no trial depends on it. */
export class TrialLogs {
  readonly #folder: string;
  readonly #places = new Map<number, { readonly number: number; file: number | undefined }>();

  /** @param folder - That of the study. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What comes from this place belongs to this trial from now on. */
  begin(place: number, number: number): void {
    this.end(place);
    this.#places.set(place, { number, file: undefined });
  }

  /** A line of the trial at this place; of none, it is dropped. */
  line(place: number, line: string): void {
    const log = this.#places.get(place);
    if (log === undefined) return;
    try {
      mkdirSync(join(this.#folder, logFolder), { recursive: true });
      log.file ??= openSync(trialLogFile(this.#folder, log.number), "a");
      writeSync(log.file, `${line}\n`);
    } catch {
      this.end(place);
    }
  }

  end(place: number): void {
    const file = this.#places.get(place)?.file;
    this.#places.delete(place);
    if (file !== undefined) closeSync(file);
  }

  close(): void {
    for (const place of this.#places.keys()) this.end(place);
  }
}
