import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * The folders in which trials keep what it takes to go on after a pause: one a trial, below the results of its study. A folder is
 * made when its trial begins and removed when the trial has ended for good.
 */
export class Checkpoints {
  readonly #folder: string;

  /** @param folder - That of the study. */
  constructor(folder: string) {
    this.#folder = join(folder, "checkpoints");
  }

  /** The folder of a trial: as it was left if the trial goes on, empty if it begins. */
  async open(number: number, { goesOn }: { readonly goesOn: boolean }): Promise<string> {
    const folder = this.#folderOf(number);
    if (!goesOn) await this.remove(number);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  async remove(number: number): Promise<void> {
    await rm(this.#folderOf(number), { recursive: true, force: true });
  }

  /**
   * Removes the folders of trials that ended where nobody was there to do it, in a process that was killed.
   *
   * @param openTrials - The numbers of the trials that may still go on; asked for once it is known which folders there are.
   */
  async tidy(openTrials: () => Promise<ReadonlySet<number>>): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    const numbers = names.flatMap((name) => /^trial-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
    if (numbers.length === 0) return;
    const open = await openTrials();
    for (const number of numbers) if (!open.has(number)) await this.remove(number);
  }

  #folderOf(number: number): string {
    return join(this.#folder, `trial-${number}`);
  }
}
