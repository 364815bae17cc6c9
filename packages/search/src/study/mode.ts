import type { ArgminError, JsonObject } from "@argmin/base";
import type { History } from "../sampler/history.ts";
import type { SeenReports } from "../sampler/sampler.ts";
import type { Assignment, FlatValues } from "../space/space.ts";
import type { LiveTrial, TrialParts } from "./live-trial.ts";
import type { ObjectiveResult } from "./outcome.ts";

/** What a suggestion may look at, and what is known of earlier configurations. */
export type ProposeRequest = {
  readonly number: number;
  /** See `SuggestContext`. */
  readonly index: number;
  readonly history: History;
  readonly pending: readonly Assignment[];
  readonly reports: SeenReports | undefined;
  readonly seen: (hash: string) => boolean;
  readonly seenCount: number;
};

/** A configuration to add; `reuse`: its result is that of the trial with the same hash. */
export type ProposedTrial = {
  readonly action: "evaluate" | "reuse";
  readonly assignment: Assignment;
  readonly hash: string | undefined;
};

/** What somebody enqueued, as it is stored. */
export type EncodedTrial = {
  readonly assignment: Assignment;
  readonly hash: string | undefined;
  readonly attributes: JsonObject;
};

/** The two ways of saying what may vary: a space given beforehand, and parameters asked for as a trial goes along. */
export interface StudyMode<T, Trial extends LiveTrial<T>, Objective> {
  /** The space as the study's definition has it. */
  readonly space: JsonObject | null;
  /** Whether the space has a finite number of configurations. */
  readonly isFinite: boolean;
  /** Whether the sampler looks at what trials reported. */
  readonly readsReports: boolean;
  propose(request: ProposeRequest): ProposedTrial;
  live(parts: TrialParts, seen: Pick<ProposeRequest, "index" | "history" | "reports">): Trial;
  call(objective: Objective, trial: Trial): ObjectiveResult | Promise<ObjectiveResult>;
  encode(params: T | FlatValues): EncodedTrial;
  decode(assignment: Assignment): T;
  describe(assignment: Assignment): FlatValues;
  /** Called before trials are read: learns what other processes have found of the space. */
  refresh(): Promise<void>;
  /** Called before a trial ends: keeps what it takes to read it. Returns why it cannot be read, which makes it a failed one. */
  settle(trial: Trial): Promise<ArgminError | undefined>;
}
