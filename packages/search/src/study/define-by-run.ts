import { ArgminError, isArgminError, isJsonObject, Rng, type JsonObject, type JsonValue } from "@argmin/base";
import type { Sampler } from "../sampler/sampler.ts";
import { distributionOf } from "../space/compile.ts";
import { SpaceRecorder } from "../space/define-by-run.ts";
import type { Distribution } from "../space/distribution.ts";
import { hp } from "../space/hp.ts";
import { spaceFromJson } from "../space/json.ts";
import type { SpaceNode } from "../space/node.ts";
import type { Assignment, FlatValues, Space } from "../space/space.ts";
import { LiveTrial, type TrialParts } from "./live-trial.ts";
import type { EncodedTrial, ProposedTrial, ProposeRequest, StudyMode } from "./mode.ts";
import type { ObjectiveResult } from "./outcome.ts";

/** What is optimised in define-by-run: it asks its trial for parameters as it goes along. */
export type RequestingObjective = (trial: RequestingTrial) => ObjectiveResult | Promise<ObjectiveResult>;

/** The trial attribute that holds the values a person enqueued, until the trial asks for them. */
const enqueuedAttribute = "enqueued";

type Ask = {
  /** The space of this one parameter. */
  readonly request: (name: string, distribution: Distribution) => Space<JsonValue>;
  readonly draw: (space: Space) => Assignment;
};

/** A trial of define-by-run. A name stands for one parameter of one distribution throughout the study. */
export class RequestingTrial extends LiveTrial<FlatValues> {
  readonly #ask: Ask;
  #assignment: Assignment = {};
  #values: FlatValues = {};
  readonly #requested = new Map<string, Distribution>();

  constructor(parts: TrialParts, ask: Ask) {
    super(parts, () => this.#values);
    this.#ask = ask;
  }

  /** What was asked for so far. */
  override get assignment(): Assignment {
    return this.#assignment;
  }

  /** What was asked for so far. */
  override get params(): FlatValues {
    return this.#values;
  }

  /** What was asked for so far, by name. */
  get requested(): ReadonlyMap<string, Distribution> {
    return this.#requested;
  }

  /**
   * A real number from `low` to `high`, both ends included.
   *
   * @param options.log - Uniform on a logarithmic scale.
   * @param options.step - One of low, low + step, …
   * @throws ArgminError `space/bounds` for impossible bounds, `space/duplicate-label` if the name was used otherwise before.
   */
  suggestFloat(
    name: string,
    low: number,
    high: number,
    options: { readonly log?: boolean; readonly step?: number } = {},
  ): number {
    return this.#number(name, hp.float(low, high, options));
  }

  /** A whole number from `low` to `high`, both ends included; otherwise as `suggestFloat`. */
  suggestInt(name: string, low: number, high: number, options: { readonly log?: boolean; readonly step?: number } = {}): number {
    return this.#number(name, hp.int(low, high, options));
  }

  /**
   * One of the options: texts, numbers, booleans, null or plain data.
   *
   * @throws ArgminError `space/duplicate-label` if the name was used otherwise before, `space/invalid` for options that are
   *   equal or no JSON.
   */
  suggestCategorical<const V extends JsonValue>(name: string, options: readonly V[]): V {
    return options[this.#request(name, hp.choice(options))]!;
  }

  #number(name: string, node: SpaceNode<unknown>): number {
    return this.#request(name, node);
  }

  /** The number that stands for the value in the assignment. */
  #request(name: string, node: SpaceNode<unknown>): number {
    const distribution = distributionOf(node);
    const space = this.#ask.request(name, distribution);
    this.#requested.set(name, distribution);
    const known = this.#assignment[name];
    if (known !== undefined) return known;
    const drawn = this.#given(name, space) ?? this.#ask.draw(space);
    const number = drawn[name];
    if (number === undefined) throw new Error(`internal: the sampler gave no value for '${name}'.`);
    this.#assignment = { ...this.#assignment, [name]: number };
    this.#values = { ...this.#values, [name]: space.decode(drawn) };
    this.parts.writer.setAssignment(this.#assignment);
    return number;
  }

  /** The value that the trial has from an earlier attempt or from whoever enqueued it. */
  #given(name: string, space: Space): Assignment | undefined {
    const { assignment, attributes } = this.parts.record;
    const earlier = assignment[name];
    if (earlier !== undefined) {
      space.validate({ [name]: earlier });
      return { [name]: earlier };
    }
    const enqueued = attributes[enqueuedAttribute];
    const value = isJsonObject(enqueued) ? enqueued[name] : undefined;
    return value === undefined ? undefined : space.encode({ [name]: value });
  }
}

/** Where the space that has come to light is kept, as `Space.toJson` has it, for all processes that work on the study. */
export type SpaceMemory = {
  load(): Promise<JsonObject | undefined>;
  /** Says whether what is kept was still what `expected` says, and has been replaced. */
  replace(expected: JsonObject | undefined, space: JsonObject): Promise<boolean>;
};

export type RequestSettings = {
  readonly sampler: Sampler;
  readonly seed: number | string;
  readonly memory: SpaceMemory;
};

/** A study whose space comes to light as its trials ask for parameters. */
export class RequestMode implements StudyMode<FlatValues, RequestingTrial, RequestingObjective> {
  readonly space = null;
  /** Nobody knows what trials will still ask for. */
  readonly isFinite = false;
  readonly #settings: RequestSettings;
  readonly #root: Rng;
  /** Holds all that is kept, and what only this process knows as yet. */
  #recorder = new SpaceRecorder();
  /** How many parameters are kept, as far as is known. */
  #kept = 0;

  private constructor(settings: RequestSettings) {
    this.#settings = settings;
    this.#root = Rng.fromSeed(settings.seed);
  }

  /** @throws ArgminError `sampler/unsupported` if the sampler has to know the whole space. */
  static async open(settings: RequestSettings): Promise<RequestMode> {
    if (settings.sampler.name === "grid") {
      throw new ArgminError("sampler/unsupported", "A grid needs a space; without one choose another sampler, such as random.");
    }
    const mode = new RequestMode(settings);
    await mode.refresh();
    return mode;
  }

  get readsReports(): boolean {
    return this.#settings.sampler.readsReports === true;
  }

  /** Nothing is known yet: values are drawn when the trial asks for them. */
  propose(): ProposedTrial {
    return { action: "evaluate", assignment: {}, hash: undefined };
  }

  live(parts: TrialParts, { index, history, reports }: Pick<ProposeRequest, "index" | "history" | "reports">): RequestingTrial {
    const { number, historySequence } = parts.record;
    const studyRng = this.#root.split("sampler");
    const rng = studyRng.split(number, 0);
    const draw = (space: Space): Assignment =>
      this.#settings.sampler.suggest({
        space,
        rng,
        studyRng,
        number,
        index,
        history: history.upTo(historySequence),
        pending: [],
        reports: reports && { ...reports, pending: [] },
        attempt: 0,
      });
    return new RequestingTrial(parts, { request: (name, distribution) => this.#recorder.request(name, distribution), draw });
  }

  call(objective: RequestingObjective, trial: RequestingTrial): ObjectiveResult | Promise<ObjectiveResult> {
    return objective(trial);
  }

  encode(params: FlatValues): EncodedTrial {
    if (!isJsonObject(params)) {
      throw new ArgminError("value/invalid", `A trial to enqueue needs values by parameter name, not ${JSON.stringify(params)}.`);
    }
    return { assignment: {}, hash: undefined, attributes: { [enqueuedAttribute]: params } };
  }

  decode(assignment: Assignment): FlatValues {
    return this.describe(assignment);
  }

  describe(assignment: Assignment): FlatValues {
    return this.#recorder.space().describe(assignment);
  }

  async refresh(): Promise<void> {
    const document = await this.#settings.memory.load();
    if (document !== undefined) this.#learn(spaceFromJson(document));
  }

  /** The space is kept before the trial ends: whoever sees the trial can read it, even if this process ends in between. */
  async settle(trial: RequestingTrial): Promise<ArgminError | undefined> {
    const { memory } = this.#settings;
    while (this.#recorder.space().parameters.length > this.#kept) {
      const document = await memory.load();
      if (document !== undefined) this.#learn(spaceFromJson(document));
      const space = this.#recorder.space();
      if (space.parameters.length === this.#kept) break;
      // Otherwise another process was faster, and what it has found is to be kept as well.
      if (await memory.replace(document, space.toJson())) this.#kept = space.parameters.length;
    }
    return this.#conflictOf(trial);
  }

  /** Of two processes that use a name otherwise at the same time, the one that was first to keep it is right. */
  #learn(kept: Space): void {
    const recorder = new SpaceRecorder(kept);
    for (const { label, distribution } of this.#recorder.space().parameters) {
      if (kept.parameter(label) === undefined) recorder.request(label, distribution);
    }
    this.#recorder = recorder;
    this.#kept = kept.parameters.length;
  }

  #conflictOf(trial: RequestingTrial): ArgminError | undefined {
    try {
      for (const [name, distribution] of trial.requested) this.#recorder.request(name, distribution);
      return undefined;
    } catch (error) {
      if (isArgminError(error, "space/duplicate-label")) return error;
      throw error;
    }
  }
}
