import type { Assignment, Space } from "../space/space.ts";
import type { Direction } from "../storage/storage.ts";
import type { TrialState } from "../storage/trial.ts";
import { activityOf, type OptionBox } from "./activity.ts";
import { encodeValue, featureOf, type Feature } from "./feature.ts";

/** What the analysis wants to know of a trial; every `TrialRecord` tells it. */
export type AnalyzedTrial = {
  readonly number: number;
  readonly state: TrialState;
  /** The result of a complete trial, the last known value of a pruned one. */
  readonly value?: number;
  readonly assignment: Assignment;
};

/** What becomes of pruned trials, and of paused ones: left out, since they were measured earlier than others, or taken with their last value. */
export type PrunedPolicy = "leave-out" | "last-value";

/** How many trials there are of each sort, and how many of them the figures rest on. */
export type TrialCounts = {
  readonly total: number;
  readonly waiting: number;
  readonly running: number;
  readonly paused: number;
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  /** Complete, pruned or paused ones whose value is infinite or NaN; never used. */
  readonly nonFinite: number;
  /** Pruned ones that ended before they had a value: rejected before they began, or pruned before their first report. */
  readonly withoutValue: number;
  /** Finished ones whose configuration an earlier one had already; they are used, as repeated measurements. */
  readonly duplicates: number;
  /** Those that the importances, regions and curves rest on. */
  readonly used: number;
};

/** The trials in columns, one row a trial with a usable value, sorted by the trials' numbers. */
export type TrialTable = {
  /** One for each parameter of the space, in its order. */
  readonly features: readonly Feature[];
  /** Where each of them is active. */
  readonly activity: readonly (readonly OptionBox[])[];
  readonly rows: number;
  readonly numbers: Float64Array;
  /** To be minimised: the sign is changed where the study maximises. */
  readonly losses: Float64Array;
  /** For each feature the codes of its values; NaN where it is inactive. */
  readonly codes: readonly Float64Array[];
};

/** The trials that have a value, encoded. The order in which they are given does not matter. */
export function tableOf(
  space: Space,
  trials: readonly AnalyzedTrial[],
  direction: Direction,
  pruned: PrunedPolicy = "leave-out",
): TrialTable {
  const used = trials.filter((trial) => isUsed(trial, pruned)).toSorted((a, b) => a.number - b.number);
  const sign = direction === "minimize" ? 1 : -1;
  return {
    ...encodeTrials(space, used),
    losses: Float64Array.from(used, ({ value }) => sign * value!),
  };
}

/** The columns of the trials in the given order, whatever came of them. */
export function encodeTrials(space: Space, trials: readonly AnalyzedTrial[]): Omit<TrialTable, "losses"> {
  const features = space.parameters.map(featureOf);
  return {
    features,
    activity: activityOf(space.parameters),
    rows: trials.length,
    numbers: Float64Array.from(trials, ({ number }) => number),
    codes: features.map((feature) => {
      const { label } = feature;
      const codes = new Float64Array(trials.length);
      for (let row = 0; row < codes.length; row++) {
        const { assignment } = trials[row]!;
        codes[row] = Object.hasOwn(assignment, label) ? encodeValue(feature, assignment[label]!) : Number.NaN;
      }
      return codes;
    }),
  };
}

/** The codes of a feature and the losses of the trials in which it is active. */
export function activeRows(
  { codes, losses }: TrialTable,
  feature: number,
): { readonly codes: Float64Array; readonly losses: Float64Array } {
  const column = codes[feature]!;
  const count = countActive(column);
  if (count === column.length) return { codes: column, losses };
  const active = { codes: new Float64Array(count), losses: new Float64Array(count) };
  let next = 0;
  for (let row = 0; row < column.length; row++) {
    if (Number.isNaN(column[row]!)) continue;
    active.codes[next] = column[row]!;
    active.losses[next] = losses[row]!;
    next += 1;
  }
  return active;
}

/** In how many of the table's trials a feature is active. */
export function activeCount({ codes }: TrialTable, feature: number): number {
  return countActive(codes[feature]!);
}

function countActive(column: Float64Array): number {
  let count = 0;
  for (let row = 0; row < column.length; row++) if (!Number.isNaN(column[row]!)) count += 1;
  return count;
}

/** Counts the trials of each sort. */
export function countTrials(space: Space, trials: readonly AnalyzedTrial[], pruned: PrunedPolicy): TrialCounts {
  const counts = { waiting: 0, running: 0, paused: 0, complete: 0, pruned: 0, failed: 0 };
  let nonFinite = 0;
  let withoutValue = 0;
  let used = 0;
  for (const trial of trials) {
    counts[trial.state] += 1;
    if (trial.value !== undefined && !Number.isFinite(trial.value)) nonFinite += 1;
    if (trial.state === "pruned" && trial.value === undefined) withoutValue += 1;
    if (isUsed(trial, pruned)) used += 1;
  }
  const finished = trials.filter(({ state }) => state !== "waiting" && state !== "running");
  return { total: trials.length, ...counts, nonFinite, withoutValue, duplicates: countRepeats(space, finished), used };
}

/** How many trials have the configuration of an earlier one: groups are parted by one parameter after another, until each is all alike. */
function countRepeats({ parameters }: Space, trials: readonly AnalyzedTrial[]): number {
  let groups: readonly (readonly AnalyzedTrial[])[] = [trials];
  for (const { label } of parameters) groups = groups.flatMap((group) => partedBy(label, group));
  return groups.reduce((sum, group) => sum + Math.max(0, group.length - 1), 0);
}

/** The trials that share their value with another one, by that value. */
function partedBy(label: string, trials: readonly AnalyzedTrial[]): readonly (readonly AnalyzedTrial[])[] {
  const groups = new Map<number | undefined, AnalyzedTrial[]>();
  for (const trial of trials) {
    const value = trial.assignment[label];
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [trial]);
    else group.push(trial);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

function isUsed({ state, value }: AnalyzedTrial, pruned: PrunedPolicy): boolean {
  if (value === undefined || !Number.isFinite(value)) return false;
  return state === "complete" || ((state === "pruned" || state === "paused") && pruned === "last-value");
}
