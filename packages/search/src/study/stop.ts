import { ArgminError } from "@argmin/base";
import type { Direction } from "../storage/storage.ts";
import { isBetter } from "./better.ts";

/** When to stop asking for new trials. Trials that run by then are finished. */
export type StopRules = {
  /** How many trials the study has in all, those of other workers and of earlier runs included. */
  readonly trials?: number;
  /** How long this run may go on asking, in milliseconds. */
  readonly timeoutMs?: number;
  /** A value that is good enough. */
  readonly target?: number;
  /** How many trials may finish in a row without one that is better than the best before. */
  readonly patience?: number;
  /** How many steps the trials of the study may report in all, those of other workers and of earlier runs included. */
  readonly budget?: number;
};

/** What the rules look at. */
export type Progress = {
  readonly direction: Direction;
  /** How many trials the study has, in whatever state. */
  readonly trials: number;
  readonly elapsedMs: number;
  /** The best value so far, if there is one. */
  readonly best: number | undefined;
  /** How many trials have finished since the one with the best value, or at all if there is none. */
  readonly finishedSinceBest: number;
  /** How many steps the trials have reported. Read only if there is a budget. */
  readonly steps: number;
};

export type StopRule = keyof StopRules;

/**
 * Refuses rules that would never apply, or always: a number that is none is below no limit.
 *
 * @throws ArgminError `value/invalid`, naming the rule.
 */
export function ensureStopRules(rules: StopRules): void {
  for (const name of ruleNames) {
    const value: unknown = rules[name];
    const { isRight, wanted } = checks[name];
    if (value === undefined || (typeof value === "number" && isRight(value))) continue;
    const found = typeof value === "number" ? String(value) : JSON.stringify(value);
    throw new ArgminError(
      "value/invalid",
      `The stop rule ${name} must be ${wanted}, not ${found}; leave it out to have no such rule.`,
    );
  }
}

const checks: { readonly [R in StopRule]: { readonly isRight: (value: number) => boolean; readonly wanted: string } } = {
  trials: { isRight: (value) => Number.isSafeInteger(value) && value >= 0, wanted: "a whole number from 0" },
  timeoutMs: { isRight: (value) => Number.isFinite(value) && value >= 0, wanted: "a number of milliseconds from 0" },
  target: { isRight: Number.isFinite, wanted: "a finite number" },
  patience: { isRight: (value) => Number.isSafeInteger(value) && value >= 1, wanted: "a whole number from 1" },
  budget: { isRight: (value) => Number.isSafeInteger(value) && value >= 1, wanted: "a whole number of steps from 1" },
};

/** The first rule, in this order, that says stop; `undefined` if none does. */
export function ruleToStop(rules: StopRules, progress: Progress): StopRule | undefined {
  return ruleNames.find((name) => decide[name](rules, progress));
}

const ruleNames: readonly StopRule[] = ["target", "patience", "timeoutMs", "budget", "trials"];

const decide: { readonly [R in StopRule]: (rules: StopRules, progress: Progress) => boolean } = {
  target: ({ target }, { best, direction }) => target !== undefined && best !== undefined && !isBetter(direction, target, best),
  trials: ({ trials }, progress) => trials !== undefined && progress.trials >= trials,
  patience: ({ patience }, { finishedSinceBest }) => patience !== undefined && finishedSinceBest >= patience,
  budget: ({ budget }, { steps }) => budget !== undefined && steps >= budget,
  timeoutMs: ({ timeoutMs }, { elapsedMs }) => timeoutMs !== undefined && elapsedMs >= timeoutMs,
};
