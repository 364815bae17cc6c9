import { ArgminError } from "@argmin/base";
import type { Sample, SpaceDefinition } from "../space/node.ts";
import type { FlatValues, Space } from "../space/space.ts";
import type { Direction } from "../storage/storage.ts";
import type { TrialRecord } from "../storage/trial.ts";
import type { RequestingObjective, RequestingTrial } from "./define-by-run.ts";
import type { LiveTrial } from "./live-trial.ts";
import { loadOrCreate, type DefineByRunStudy, type StudySettings } from "./open.ts";
import type { OptimizeOptions } from "./optimize.ts";
import type { RunSummary } from "./run.ts";
import type { Objective } from "./space-mode.ts";
import type { BestTrial, Study } from "./study.ts";

/** What a search came to: the best trial, and the study for whoever wants to know more. */
export type SearchResult<T, S> = {
  readonly best: BestTrial<T>;
  readonly study: S;
  readonly summary: RunSummary;
};

type Settings<Live> = Omit<StudySettings, "direction"> & OptimizeOptions<Live>;
type WithSpace<S, T> = Settings<LiveTrial<T>> & { readonly space: S; readonly objective: Objective<T> };
type WithoutSpace = Settings<RequestingTrial> & { readonly space?: never; readonly objective: RequestingObjective };

/**
 * The parameters at which a function is smallest, as far as the trials find out.
 *
 * Without a space the objective asks its trial for parameters (define-by-run). With a storage that outlives the process the
 * same call goes on where it was interrupted.
 *
 * @example `const { best } = await minimize({ space: { x: hp.uniform(-10, 10) }, objective: ({ x }) => (x - 2) ** 2, trials: 100 });`
 * @throws ArgminError `objective/failed` if not one trial is complete; otherwise as `loadOrCreate` and `runTrials`.
 */
export function minimize<T>(settings: WithSpace<Space<T>, T>): Promise<SearchResult<T, Study<T>>>;
export function minimize<const S extends SpaceDefinition>(
  settings: WithSpace<S, Sample<S>>,
): Promise<SearchResult<Sample<S>, Study<Sample<S>>>>;
export function minimize(settings: WithoutSpace): Promise<SearchResult<FlatValues, DefineByRunStudy>>;
export function minimize(settings: WithSpace<Space, unknown> | WithoutSpace): Promise<unknown> {
  return search("minimize", settings);
}

/** As `minimize`, for the parameters at which a function is greatest. */
export function maximize<T>(settings: WithSpace<Space<T>, T>): Promise<SearchResult<T, Study<T>>>;
export function maximize<const S extends SpaceDefinition>(
  settings: WithSpace<S, Sample<S>>,
): Promise<SearchResult<Sample<S>, Study<Sample<S>>>>;
export function maximize(settings: WithoutSpace): Promise<SearchResult<FlatValues, DefineByRunStudy>>;
export function maximize(settings: WithSpace<Space, unknown> | WithoutSpace): Promise<unknown> {
  return search("maximize", settings);
}

async function search(direction: Direction, settings: WithSpace<Space, unknown> | WithoutSpace): Promise<unknown> {
  if (settings.space === undefined) {
    const { objective, ...rest } = settings;
    const study = await loadOrCreate({ ...rest, direction });
    return finish(study, await study.optimize(objective, rest));
  }
  const { objective, ...rest } = settings;
  const study = await loadOrCreate({ ...rest, direction });
  return finish(study, await study.optimize(objective, rest));
}

type Searched<T> = { best(): Promise<BestTrial<T> | undefined>; trials(): Promise<readonly TrialRecord[]> };

async function finish<T>(study: Searched<T>, summary: RunSummary): Promise<unknown> {
  const best = await study.best();
  if (best === undefined) throw nothingComplete(await study.trials());
  return { best, study, summary };
}

function nothingComplete(trials: readonly TrialRecord[]): ArgminError {
  if (trials.length === 0) return new ArgminError("objective/failed", "The search stopped before its first trial.");
  const failed = trials.findLast((trial) => trial.state === "failed");
  const why = failed === undefined ? "" : `; the last that failed says: ${failed.error.message}`;
  return new ArgminError("objective/failed", `None of ${trials.length} trials is complete${why}`);
}
