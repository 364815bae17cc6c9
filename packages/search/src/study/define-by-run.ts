import { ArgminError, isJsonObject, Rng, type JsonValue } from "@argmin/base";
import type { Sampler } from "../sampler/sampler.ts";
import { distributionOf } from "../space/compile.ts";
import { SpaceRecorder } from "../space/define-by-run.ts";
import { hp } from "../space/hp.ts";
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
  readonly recorder: SpaceRecorder;
  readonly draw: (space: Space) => Assignment;
};

/** A trial of define-by-run. A name stands for one parameter of one distribution throughout the study. */
export class RequestingTrial extends LiveTrial<FlatValues> {
  readonly #ask: Ask;
  #assignment: Assignment = {};
  #values: FlatValues = {};

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
    const space = this.#ask.recorder.request(name, distributionOf(node));
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

export type RequestSettings = {
  readonly sampler: Sampler;
  readonly seed: number | string;
  /** Where the space that has come to light is kept from run to run. */
  readonly memory: { load(): Promise<Space | undefined>; save(space: Space): Promise<void> };
};

/** A study whose space comes to light as its trials ask for parameters. */
export class RequestMode implements StudyMode<FlatValues, RequestingTrial, RequestingObjective> {
  readonly space = null;
  /** Nobody knows what trials will still ask for. */
  readonly isFinite = false;
  readonly #settings: RequestSettings;
  readonly #root: Rng;
  readonly #recorder: SpaceRecorder;
  /** How many parameters are kept. */
  #kept: number;

  private constructor(settings: RequestSettings, known: Space | undefined) {
    this.#settings = settings;
    this.#root = Rng.fromSeed(settings.seed);
    this.#recorder = new SpaceRecorder(known);
    this.#kept = known?.parameters.length ?? 0;
  }

  /** @throws ArgminError `sampler/unsupported` if the sampler has to know the whole space. */
  static async open(settings: RequestSettings): Promise<RequestMode> {
    if (settings.sampler.name === "grid") {
      throw new ArgminError("sampler/unsupported", "A grid needs a space; without one choose another sampler, such as random.");
    }
    return new RequestMode(settings, await settings.memory.load());
  }

  /** Nothing is known yet: values are drawn when the trial asks for them. */
  propose(): ProposedTrial {
    return { action: "evaluate", assignment: {}, hash: undefined };
  }

  live(parts: TrialParts, { index, history }: Pick<ProposeRequest, "index" | "history">): RequestingTrial {
    const { number, historySequence } = parts.record;
    const rng = this.#root.split("sampler", number, 0);
    const draw = (space: Space): Assignment =>
      this.#settings.sampler.suggest({ space, rng, number, index, history: history.upTo(historySequence), attempt: 0 });
    return new RequestingTrial(parts, { recorder: this.#recorder, draw });
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

  /** Keeps what has come to light, together with what other processes have found. */
  async settled(): Promise<void> {
    if (this.#recorder.space().parameters.length === this.#kept) return;
    const others = await this.#settings.memory.load();
    for (const { label, distribution } of others?.parameters ?? []) this.#recorder.request(label, distribution);
    const space = this.#recorder.space();
    this.#kept = space.parameters.length;
    await this.#settings.memory.save(space);
  }
}
