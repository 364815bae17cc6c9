import type { TrialTable } from "./table.ts";

/** How far the importances can be trusted. */
export type Confidence = {
  readonly level:
    /** Nothing can be said: no trial, too few, or all values equal. */
    | "none"
    /** The forest knows no more than the mean: its shares are those of noise. */
    | "unexplained"
    /** What is large is large; the order of the rest may change. */
    | "rough"
    | "sound";
  /** Why, as a sentence; `null` where nothing has to be said. */
  readonly reason: string | null;
};

/** The rule: so many trials at the least, and so many more a parameter; from ten a parameter on a ranking is no longer rough. */
export const fewestTrials = { base: 10, eachParameter: 2, soundEachParameter: 10 } as const;
/** R^2 below which a forest counts as knowing nothing. */
const leastExplained = 0.05;

/**
 * How far the importances can be trusted: not at all below 10 trials and 2 more for each parameter that varies, or where all values are
 * equal, or where the forest explains less than 5 % of the variance of trials it has not seen; roughly below 10 trials a parameter.
 */
export function confidenceIn(table: TrialTable, varying: number, explained: number | null): Confidence {
  const trials = `${table.rows} ${table.rows === 1 ? "trial" : "trials"} with a result`;
  const parameters = `${varying} ${varying === 1 ? "parameter" : "parameters"}`;
  const wanted = fewestTrials.base + fewestTrials.eachParameter * varying;
  if (table.rows === 0) return { level: "none", reason: "No trial has a result yet: there is nothing to analyze." };
  if (varying === 0) return { level: "none", reason: "No parameter of this space varies: there is nothing to compare." };
  if (table.rows < wanted) {
    const verb = table.rows === 1 ? "is" : "are";
    return { level: "none", reason: `${trials} ${verb} too few to rank ${parameters}; ${wanted} are the least.` };
  }
  if (table.losses.every((loss) => loss === table.losses[0])) {
    return { level: "none", reason: `All ${trials} have the same value: nothing that was tried made a difference.` };
  }
  if (explained === null || explained < leastExplained) {
    return {
      level: "unexplained",
      reason: `A model of these ${trials} predicts further ones hardly better than their mean does: the shares of the variance mean nothing.`,
    };
  }
  const sound = fewestTrials.soundEachParameter * varying;
  if (table.rows < sound) {
    return {
      level: "rough",
      reason: `${trials} for ${parameters} give a rough ranking; from ${sound} on it can be relied on.`,
    };
  }
  return { level: "sound", reason: null };
}
