import type { JsonObject } from "@argmin/base";
import type { Space } from "../space/space.ts";
import type { Direction } from "../storage/storage.ts";
import { confidenceIn, type Confidence } from "./confidence.ts";
import { correlations, type Correlations } from "./correlation.ts";
import type { MarginalCurve } from "./curve.ts";
import { failureRegions, type FailureRegion } from "./failure.ts";
import { fanova, type Fanova } from "./fanova.ts";
import { isConstant } from "./feature.ts";
import { growForest, type Forest } from "./forest.ts";
import type { Importances } from "./importance.ts";
import { narrowSpace, type NarrowSettings, type SpaceChange } from "./narrow-space.ts";
import { pedAnova } from "./ped-anova.ts";
import { regionsOf, type Region } from "./region.ts";
import { sentencesOf, type Sentence } from "./sentences.ts";
import { surfacesOf, type PairSurface } from "./surface.ts";
import { countTrials, tableOf, type AnalyzedTrial, type PrunedPolicy, type TrialCounts, type TrialTable } from "./table.ts";
import { winnersOf, type Winner } from "./winner.ts";

export type AnalysisSettings = NarrowSettings & {
  readonly direction?: Direction;
  readonly seed?: number | string;
  readonly pruned?: PrunedPolicy;
  /** The pairs whose surfaces are wanted; unless given, the three that interact most among the six most important parameters. */
  readonly pairs?: readonly (readonly [string, string])[];
};

/** What a study has taught, as plain JSON data. */
export type Analysis = {
  readonly direction: Direction;
  readonly counts: TrialCounts;
  readonly confidence: Confidence;
  /** Results further out than this were taken as this one by fANOVA: three interquartile ranges beyond the worse quartile. */
  readonly clipped: { readonly value: number; readonly trials: number } | null;
  /** `null` where there are fewer than two different results. */
  readonly fanova: {
    readonly importances: Importances;
    /** R^2 on trials that the model has not seen; `null` if that could not be measured. */
    readonly explained: number | null;
    /** The parameters whose share cannot be told from that of the one ranked before them. */
    readonly tied: readonly string[];
  } | null;
  readonly pedAnova: Importances;
  readonly correlations: Correlations;
  /** What is expected along each parameter, in the space's order; empty where `fanova` is `null`. */
  readonly curves: readonly MarginalCurve[];
  readonly surfaces: readonly PairSurface[];
  /** One for each parameter, in the space's order. */
  readonly regions: readonly Region[];
  readonly winners: readonly Winner[];
  readonly failures: readonly FailureRegion[];
  readonly sentences: readonly Sentence[];
  /** A space for the next search: as the document that `spaceFromJson` reads, and as TypeScript to paste. */
  readonly narrowed: { readonly space: JsonObject; readonly code: string; readonly changes: readonly SpaceChange[] };
};

const pairedParameters = 6;
const shownPairs = 3;

/**
 * What the trials of a study show: what matters, where the best lie, what fails, and what to search next. The same trials and seed give the
 * same answer, in whatever order they come.
 */
export function analyzeTrials(space: Space, trials: readonly AnalyzedTrial[], settings: AnalysisSettings = {}): Analysis {
  const { direction = "minimize", seed = 0, pruned = "leave-out" } = settings;
  const table = tableOf(space, trials, direction, pruned);
  const counts = countTrials(space, trials, pruned);
  const { table: tamed, clipped } = clipFarOut(table, direction);
  const forest = growForest(tamed, { seed });
  const found = forest && fanova(forest, direction);
  const varying = table.features.filter((feature) => !isConstant(feature)).length;
  const confidence = confidenceIn(table, varying, forest?.explained ?? null);
  const regions = regionsOf(table, seed);
  const surfaces = forest && found ? chooseSurfaces(forest, found, direction, settings.pairs) : [];
  const winners = winnersOf(table);
  const failures = failureRegions(space, trials);
  const { space: smaller, code, changes } = narrowSpace(space, table, regions, trusted(found, confidence), settings);
  return {
    direction,
    counts,
    confidence,
    clipped,
    fanova: found === undefined ? null : { importances: found.importances, explained: found.explained, tied: found.tied },
    pedAnova: pedAnova(space, table, { seed }),
    correlations: correlations(table, { direction, seed }),
    curves: found?.curves ?? [],
    surfaces,
    regions,
    winners,
    failures,
    sentences: sentencesOf({ space, counts, confidence, clipped, fanova: found, surfaces, regions, winners, failures }),
    narrowed: { space: smaller.toJson(), code, changes },
  };
}

/** Shares that mean nothing must not decide what is fixed. */
function trusted(found: Fanova | undefined, { level }: Confidence): Importances | undefined {
  return level === "sound" ? found?.importances : undefined;
}

function chooseSurfaces(
  forest: Forest,
  { importances }: Fanova,
  direction: Direction,
  wanted: AnalysisSettings["pairs"],
): readonly PairSurface[] {
  if (wanted !== undefined) return surfacesOf(forest, wanted, direction);
  const labels = importances.parameters
    .filter(({ importance }) => importance > 0)
    .slice(0, pairedParameters)
    .map(({ label }) => label);
  const pairs = labels.flatMap((first, i) => labels.slice(i + 1).map((second) => [first, second] as const));
  return surfacesOf(forest, pairs, direction)
    .toSorted((a, b) => b.interaction - a.interaction)
    .slice(0, shownPairs);
}

const fewestForClipping = 8;
const farOut = 3;

/** The table with losses beyond the far fence of Tukey (1977), on the bad side, moved to it: a diverged trial would be all the variance. */
function clipFarOut(
  table: TrialTable,
  direction: Direction,
): { readonly table: TrialTable; readonly clipped: Analysis["clipped"] } {
  if (table.rows < fewestForClipping) return { table, clipped: null };
  const sorted = table.losses.toSorted();
  const lower = sorted[Math.floor(table.rows / 4)]!;
  const upper = sorted[Math.ceil((table.rows * 3) / 4) - 1]!;
  const fence = upper + farOut * (upper - lower);
  const count = sorted.reduce((sum, loss) => sum + (loss > fence ? 1 : 0), 0);
  if (!(upper > lower) || count === 0) return { table, clipped: null };
  const losses = table.losses.map((loss) => Math.min(loss, fence));
  return { table: { ...table, losses }, clipped: { value: (direction === "minimize" ? fence : -fence) + 0, trials: count } };
}
