import type { Analysis, AnalyzedTrial, Assignment, Direction, Report, Space, TrialError } from "@argmin/search";

/** What charts want to know of a trial; every `TrialRecord` tells it. Times are milliseconds since 1970. */
export type ChartedTrial = AnalyzedTrial & {
  /** How far a pruned trial came, and why it was pruned. */
  readonly step?: number;
  readonly reason?: string;
  readonly error?: TrialError;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly worker?: string;
  /** Of a running trial: its worker. */
  readonly lease?: { readonly worker: string };
};

/** A study as its charts see it. */
export interface ChartedStudy {
  readonly space: Space;
  readonly direction: Direction;
  /** In any order. */
  readonly trials: readonly ChartedTrial[];
  /** What the trials said while they ran; sorted by trial, phase and step, as a storage gives them. */
  readonly reports: readonly (Report & { readonly number: number })[];
  /** What `analyzeTrials` found in these trials. */
  readonly analysis: Analysis;
  /** What a result is in words, "fine accuracy"; "result" unless given. */
  readonly result?: string;
  /** The metric whose learning curves are drawn; unless given the one that was reported most often. */
  readonly metric?: string;
  /** What a step of a report is, "epoch"; "step" unless given. */
  readonly step?: string;
}

/** A trial with a finite result. */
export interface RankedTrial {
  readonly number: number;
  readonly assignment: Assignment;
  readonly value: number;
  /** How good it is among them: 1 the best, 0 the worst; of equals the same. */
  readonly rank: number;
}

/** Whether a trial is complete and has a finite result. */
export function hasResult<T extends ChartedTrial>(trial: T): trial is T & { readonly value: number } {
  return trial.state === "complete" && Number.isFinite(trial.value);
}

type Ranked = Pick<ChartedStudy, "trials" | "direction">;

/** Every chart wants them, and of 20,000 trials ranking takes a while. */
const known = new WeakMap<Ranked, readonly RankedTrial[]>();

/** The complete trials that have a finite result, by number. */
export function rankedTrials(study: Ranked): readonly RankedTrial[] {
  const ranked = known.get(study) ?? rank(study);
  known.set(study, ranked);
  return ranked;
}

function rank({ trials, direction }: Ranked): readonly RankedTrial[] {
  const used = trials.filter(hasResult);
  const sign = direction === "minimize" ? -1 : 1;
  const sorted = Float64Array.from(used, ({ value }) => sign * value).sort();
  const ranks = new Map<number, number>();
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end += 1;
    const last = sorted.length - 1;
    // The best of all is 1 also where others are as good.
    ranks.set(sorted[start]!, last === 0 || end - 1 === last ? 1 : (start + end - 1) / 2 / last);
    start = end;
  }
  return used
    .map(({ number, assignment, value }) => ({ number, assignment, value, rank: ranks.get(sign * value)! }))
    .sort((a, b) => a.number - b.number);
}

/** The best of ranked trials; of equals the earliest. */
export function bestOf(ranked: readonly RankedTrial[]): RankedTrial | undefined {
  return ranked.find(({ rank }) => rank === 1);
}

/** The parameters' labels, the most important first: by fANOVA, of equals by PED-ANOVA. */
export function labelsByImportance({ analysis, space }: ChartedStudy): readonly string[] {
  const [shares, divergences] = [analysis.fanova?.importances, analysis.pedAnova].map(
    (importances) => new Map(importances?.parameters.map(({ label, importance }) => [label, importance])),
  );
  const figure = (map: ReadonlyMap<string, number> | undefined, label: string): number => map?.get(label) ?? 0;
  return space.parameters
    .map(({ label }) => label)
    .toSorted((a, b) => figure(shares, b) - figure(shares, a) || figure(divergences, b) - figure(divergences, a));
}

/** What the axis of results is called. */
export function resultName({ result = "result", direction }: ChartedStudy): string {
  return `${result} (${direction === "minimize" ? "smaller" : "greater"} is better)`;
}

/** Why there are no ranked trials, as a sentence; `undefined` where there are some. */
export function whyNoResult(study: ChartedStudy): string | undefined {
  const { trials } = study;
  if (trials.length === 0) return "This study has no trials yet.";
  return trials.some(hasResult) ? undefined : "No trial has ended with a finite result yet.";
}
