import type { JsonObject, Rng } from "@argmin/base";
import type { Curve } from "../pruner/report-history.ts";
import type { Assignment, Space } from "../space/space.ts";
import type { History } from "./history.ts";

/** All that a suggestion may depend on. */
export type SuggestContext = {
  readonly space: Space;
  /** The study's seed, already split by "sampler", `number` and `attempt`. */
  readonly rng: Rng;
  /** The trial's number in its study, from 0. */
  readonly number: number;
  /**
   * How many suggestions came before this one in the study: the trial's number, less the trials below it that somebody enqueued.
   * The same for whichever worker makes the suggestion. For what goes through a list; what is drawn is keyed by `number`.
   */
  readonly index: number;
  /** The finished trials that the suggestion may look at. */
  readonly history: History;
  /**
   * What was proposed or enqueued before this trial and has not finished in `history`: each trial with a lower number, by
   * number. None in define-by-run, where nobody knows what those trials will still ask for.
   */
  readonly pending: readonly Assignment[];
  /** What trials have reported; nothing unless the sampler `readsReports`. */
  readonly reports?: SeenReports | undefined;
  /** A stream that is the same for all suggestions of the study, for what they have in common. Split it, never draw from it. */
  readonly studyRng: Rng;
  /** How often a suggestion for this trial was turned down already, as a repeat of another trial. */
  readonly attempt: number;
};

/** What trials have reported so far of the metric that they are judged by, to be minimised. */
export type SeenReports = {
  /** What a finished trial reported. */
  readonly finished: (number: number) => Curve;
  /** What each of the trials in `pending` has reported until now, in the same order. */
  readonly pending: readonly Curve[];
};

/**
 * Proposes what to try next.
 *
 * @remarks `suggest` is a pure function of its context and the sampler's settings; it keeps nothing from call to call but
 *   what it can compute again. Every sampler passes the suite `describeSampler` of `@argmin/search/testing`.
 */
export interface Sampler {
  /** The name under which `createSampler` makes it. */
  readonly name: string;
  /** All settings, defaults filled in: `createSampler(name, settings)` makes an equal sampler. */
  readonly settings: JsonObject;
  /** Whether suggestions look at what trials have reported, so that the study has to read it first. */
  readonly readsReports?: boolean;

  /**
   * Values on step and in bounds for the parameters of `context.space` that are active, and for no others.
   *
   * @throws ArgminError `sampler/unsupported` if it cannot sample such a space, `sampler/exhausted` if it has nothing left to propose.
   */
  suggest(context: SuggestContext): Assignment;

  /** What it does in a space and why, as half a sentence for who reads along; only of a sampler whose name does not say it. */
  explain?(space: Space): string;
}
