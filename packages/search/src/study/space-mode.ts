import { Rng, type JsonObject } from "@argmin/base";
import { proposeConfiguration, type DuplicatePolicy } from "../sampler/duplicates.ts";
import type { Sampler } from "../sampler/sampler.ts";
import type { Assignment, FlatValues, Space } from "../space/space.ts";
import { LiveTrial, type TrialParts } from "./live-trial.ts";
import type { EncodedTrial, ProposedTrial, ProposeRequest, StudyMode } from "./mode.ts";
import type { ObjectiveResult } from "./outcome.ts";

/** What is optimised: from parameters to a value. */
export type Objective<T> = (params: T, trial: LiveTrial<T>) => ObjectiveResult | Promise<ObjectiveResult>;

export type SamplingSettings = {
  readonly sampler: Sampler;
  readonly seed: number | string;
  readonly duplicates: DuplicatePolicy;
};

/** A study whose space is known beforehand. */
export class SpaceMode<T> implements StudyMode<T, LiveTrial<T>, Objective<T>> {
  readonly #space: Space<T>;
  readonly #settings: SamplingSettings;
  readonly #root: Rng;

  constructor(space: Space<T>, settings: SamplingSettings) {
    this.#space = space;
    this.#settings = settings;
    this.#root = Rng.fromSeed(settings.seed);
  }

  get space(): JsonObject {
    return this.#space.toJson();
  }

  get isFinite(): boolean {
    return this.#space.size() !== Number.POSITIVE_INFINITY;
  }

  get readsReports(): boolean {
    return this.#settings.sampler.readsReports === true;
  }

  propose({ number, index, history, pending, reports, seen, seenCount }: ProposeRequest): ProposedTrial {
    const { sampler, duplicates: policy } = this.#settings;
    const space = this.#space;
    const suggest = (attempt: number): Assignment =>
      sampler.suggest({
        space,
        rng: this.#root.split("sampler", number, attempt),
        studyRng: this.#root.split("sampler"),
        number,
        index,
        history,
        pending,
        reports,
        attempt,
      });
    return proposeConfiguration({ policy, space, suggest, seen, seenCount });
  }

  live(parts: TrialParts): LiveTrial<T> {
    return new LiveTrial(parts, (assignment) => this.#space.decode(assignment));
  }

  call(objective: Objective<T>, trial: LiveTrial<T>): ObjectiveResult | Promise<ObjectiveResult> {
    return objective(trial.params, trial);
  }

  encode(params: T | FlatValues): EncodedTrial {
    const assignment = this.#space.encode(params);
    return { assignment, hash: this.#space.hash(assignment), attributes: {} };
  }

  decode(assignment: Assignment): T {
    return this.#space.decode(assignment);
  }

  describe(assignment: Assignment): FlatValues {
    return this.#space.describe(assignment);
  }

  async refresh(): Promise<void> {
    // The definition says it all.
  }

  async settle(): Promise<undefined> {
    // The definition says it all.
  }
}
