import type { Theme } from "@argmin/pictures";
import type { ChartedTrial } from "./charted-study.ts";

/** What becomes of a trial, as charts tell it. */
export type Fate = "complete" | "no-number" | "pruned" | "paused" | "rejected" | "failed" | "running" | "waiting";

/** A complete trial without a finite result is "no-number"; one that was given up before it reported anything is "rejected". */
export function fateOf({ state, value, step }: ChartedTrial): Fate {
  if (state === "complete" && !Number.isFinite(value)) return "no-number";
  return state === "pruned" && value === undefined && step === undefined ? "rejected" : state;
}

/** What became of trials, in words that follow a number. */
export const fateWords: { readonly [F in Fate]: string } = {
  complete: "complete",
  "no-number": "without a finite result",
  pruned: "pruned",
  paused: "paused",
  rejected: "rejected",
  failed: "failed",
  running: "running",
  waiting: "waiting",
};

/** The order in which they are told of. */
export const fates: readonly Fate[] = ["complete", "no-number", "pruned", "paused", "rejected", "failed", "running", "waiting"];

/** Colours that are told apart with any kind of colour vision. */
const colours: { readonly [F in Fate]: (theme: Theme) => string } = {
  complete: ({ series }) => series[0]!,
  "no-number": ({ series }) => series[5]!,
  pruned: ({ series }) => series[1]!,
  paused: ({ series }) => series[6]!,
  rejected: ({ series }) => series[4]!,
  failed: ({ series }) => series[3]!,
  running: ({ series }) => series[2]!,
  waiting: ({ missing }) => missing,
};

export function fateColour(theme: Theme, fate: Fate): string {
  return colours[fate](theme);
}
