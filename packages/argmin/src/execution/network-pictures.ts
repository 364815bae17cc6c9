import { messageOf } from "@argmin/base";
import type { Assignment } from "@argmin/search";
import { existsSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Experiment, OptionValues } from "../experiment.ts";
import { formatNumber } from "../render/format.ts";

/** The best trial as its picture needs it. */
export interface BestNetwork {
  readonly number: number;
  readonly value: number;
  readonly assignment: Assignment;
}

export interface NetworkPicturesSettings {
  readonly experiment: Experiment;
  readonly options: OptionValues;
  readonly study: string;
  readonly folder: string;
  /** Told once if a picture cannot be made: a search does not end for that. */
  readonly onFailure: (sentence: string) => void;
}

/**
 * Pictures of the networks of a search, in the study's results: `network-demo.svg` of the experiment's first point, and
 * `network-best.svg` whenever there is a new best trial.
 */
export class NetworkPictures {
  readonly #settings: NetworkPicturesSettings;
  /** What is being drawn, and what after it: of several new best trials in the meantime only the last. */
  #work: Promise<void> = Promise.resolve();
  #next: BestNetwork | undefined;
  #drawn: number | undefined;
  readonly #files = new Set<string>();
  #hasFailed = false;

  constructor(settings: NetworkPicturesSettings) {
    this.#settings = settings;
  }

  /** Draws the network of the experiment's first point, unless that was done in an earlier run. */
  begin(): void {
    const { experiment, folder } = this.#settings;
    const [first] = Object.entries(experiment.points);
    if (first === undefined || !experiment.has.network) return;
    const [name, assignment] = first;
    const path = join(folder, `network-${name}.svg`);
    if (!existsSync(path)) this.#enqueue(() => this.#draw(path, name, assignment));
  }

  /** Draws the best trial's network if it is another than before. */
  show(best: BestNetwork | undefined): void {
    if (best === undefined || best.number === this.#drawn || !this.#settings.experiment.has.network) return;
    this.#drawn = best.number;
    const isWaiting = this.#next !== undefined;
    this.#next = best;
    if (isWaiting) return;
    this.#enqueue(async () => {
      const { number, value, assignment } = this.#next!;
      this.#next = undefined;
      const name = `best, trial ${number}, ${this.#settings.experiment.metric} ${formatNumber(value)}`;
      await this.#draw(join(this.#settings.folder, "network-best.svg"), name, assignment);
    });
  }

  /** Resolves when all is drawn. */
  async close(): Promise<void> {
    await this.#work;
  }

  /** Removes what was drawn here for a study that is not kept, and the folder if nothing else is in it. */
  async discard(): Promise<void> {
    await this.#work;
    for (const file of this.#files) await rm(file, { force: true });
    await rmdir(this.#settings.folder).catch(() => undefined);
  }

  #enqueue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      if (!this.#hasFailed) this.#settings.onFailure(`A network could not be drawn: ${messageOf(error)}`);
      this.#hasFailed = true;
    });
  }

  async #draw(path: string, name: string, assignment: Assignment): Promise<void> {
    const { experiment, options, study } = this.#settings;
    const model = experiment.network(assignment, options);
    if (model === undefined) return;
    // Loaded only by searches that draw.
    const [{ lightTheme, writePicture }, { drawNetwork, graphOfModel }] = await Promise.all([
      import("@argmin/pictures"),
      import("@argmin/vision"),
    ]);
    const picture = drawNetwork(graphOfModel(model), { theme: lightTheme, title: `${study}: ${name}` });
    this.#files.add(path);
    await writePicture(path, picture, { theme: lightTheme });
  }
}
