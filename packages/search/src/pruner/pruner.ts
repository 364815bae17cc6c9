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

/** What becomes of a trial after a report. */
export type Verdict =
  | { readonly kind: "continue" }
  /** `reason`: why, in a few words that go on from "pruned: ". */
  | { readonly kind: "prune"; readonly reason: string };

/** The verdict that leaves a trial alone. */
export const goOn: Verdict = { kind: "continue" };

/**
 * Stops trials whose reports say that finishing them is not worth it.
 *
 * @remarks `decide` is a pure function of its context and the pruner's settings; it keeps nothing from call to call but what it
 *   can compute again. It is asked after each judged report, the last step of a trial excepted. Every pruner passes the suite
 *   `describePruner` of `@argmin/search/testing`.
 */
export interface Pruner {
  /** The name under which `createPruner` makes it. */
  readonly name: string;
  /** All settings, defaults filled in: `createPruner(name, settings)` makes an equal pruner. */
  readonly settings: JsonObject;

  decide(context: PruneContext): Verdict;
}
