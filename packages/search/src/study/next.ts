import type { FinishedTrial, Report } from "../storage/trial.ts";
import type { Progress } from "./stop.ts";

/** What comes of asking for work. `reused`: the trial has taken over the result of an equal one and needs no evaluation. */
export type NextTrial<Live> =
  | { readonly kind: "trial"; readonly trial: Live }
  | { readonly kind: "reused"; readonly record: FinishedTrial }
  | { readonly kind: "none" };

export type NextOptions = {
  /** Trials with this number and above are not added. */
  readonly limit?: number;
  /** Asked once the study has been read: whether to begin nothing any more. */
  readonly until?: (progress: Omit<Progress, "elapsedMs" | "steps">) => boolean;
  readonly onReport?: (number: number, report: Report) => void;
};
