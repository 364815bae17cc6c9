import type { JsonObject } from "@argmin/base";
import type { Direction } from "../storage/storage.ts";
import type { Curve, ReportHistory } from "./report-history.ts";

/** All that a verdict may depend on. */
export type PruneContext = {
  /** The number of the trial that is judged. */
  readonly number: number;
  /** Which way the study goes. All values here are to be minimised; this tells what sign a value in the settings has. */
  readonly direction: Direction;
  /** What it has reported so far; the last entry is what it is judged by. Never empty. */
  readonly curve: Curve;
  /** What all trials of the study have reported, this one included. */
  readonly reports: ReportHistory;
};

/** All that a promotion may depend on. */
export type PromotionContext = {
  readonly direction: Direction;
  /** The numbers of the trials that are paused, ascending. */
  readonly paused: readonly number[];
  /** What all trials of the study have reported. */
  readonly reports: ReportHistory;
};

/** What becomes of a trial after a report. */
export type Verdict =
  | { readonly kind: "continue" }
  /** `reason`: why, in a few words that go on from "pruned: ". */
  | { readonly kind: "prune"; readonly reason: string }
  /** It stops for now, and may be promoted later. Said only by pruners that have `promote`. */
  | { readonly kind: "pause"; readonly reason: string };

/** The verdict that leaves a trial alone. */
export const goOn: Verdict = { kind: "continue" };

/**
 * Stops trials whose reports say that finishing them is not worth it.
 *
 * @remarks `decide` and `promote` are pure functions of their contexts and the pruner's settings; they keep nothing from call to call
 *   but what can be computed again. `decide` is asked after each judged report, the last step of a trial excepted. Every pruner passes the suite
 *   `describePruner` of `@argmin/search/testing`.
 */
export interface Pruner {
  /** The name under which `createPruner` makes it. */
  readonly name: string;
  /** All settings, defaults filled in: `createPruner(name, settings)` makes an equal pruner. */
  readonly settings: JsonObject;

  decide(context: PruneContext): Verdict;
  /** The paused trial that goes on now, before any new one is begun; `undefined` if none does. Absent where trials are never paused. */
  readonly promote?: ((context: PromotionContext) => number | undefined) | undefined;
}
