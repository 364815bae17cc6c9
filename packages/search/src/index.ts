export { hp, type ParameterOptions, type ScaleOptions } from "./space/hp.ts";
export type { Sample, SpaceDefinition, SpaceNode } from "./space/node.ts";
export { compileSpace, distributionOf } from "./space/compile.ts";
export type { Assignment, Branch, Cardinality, Condition, FlatValues, Parameter, Space } from "./space/space.ts";
export type { Distribution, DistributionKind, DistributionOf, NumericDistribution } from "./space/distribution.ts";
export { checkDistribution } from "./space/distribution-check.ts";
export type { SampleShape, Template } from "./space/template.ts";
export {
  contains,
  domainOf,
  nearest,
  quantile,
  type Categories,
  type Domain,
  type Gaussian,
  type Interval,
  type Lattice,
} from "./space/domain.ts";
export { createEnumeration, type Enumeration } from "./space/enumeration.ts";
export { readDistribution, spaceFromJson } from "./space/json.ts";
export { lintSpace, type LintCode, type LintWarning } from "./space/lint.ts";
export { SpaceRecorder } from "./space/define-by-run.ts";
export type { Sampler, SeenReports, SuggestContext } from "./sampler/sampler.ts";
export {
  finishedStates,
  TrialHistory,
  type Column,
  type FinishedState,
  type History,
  type Observation,
} from "./sampler/history.ts";
export { createSampler, samplerNames, samplers, type SamplerEntry, type SamplerName } from "./sampler/registry.ts";
export type { SettingSpec, SettingsSchema } from "./sampler/settings.ts";
export { openGrid, type GridSettings } from "./sampler/grid.ts";
export { goOn, type PromotionContext, type PruneContext, type Pruner, type Verdict } from "./pruner/pruner.ts";
export { ReportTable, type Among, type Curve, type Point, type ReportHistory } from "./pruner/report-history.ts";
export type { SortedValues } from "./pruner/step-column.ts";
export { createPruner, prunerNames, pruners, type PrunerEntry, type PrunerName } from "./pruner/registry.ts";
export {
  duplicateAttemptLimit,
  duplicatePolicies,
  proposeConfiguration,
  type DuplicatePolicy,
  type Proposal,
  type ProposalRequest,
} from "./sampler/duplicates.ts";
export {
  createStudy,
  loadOrCreate,
  openStudy,
  type DefineByRunStudy,
  type OpenedStudy,
  type StudySettings,
} from "./study/open.ts";
export { Study, type BestTrial, type EnqueueOptions, type Trial } from "./study/study.ts";
export type { NextOptions, NextTrial } from "./study/next.ts";
export type { DefinitionSettings, PrunerSetting } from "./study/definition.ts";
export { isBetter } from "./study/better.ts";
export { maximize, minimize, type SearchResult } from "./study/minimize.ts";
export type { OptimizeOptions } from "./study/optimize.ts";
export {
  runTrials,
  type RunCallbacks,
  type RunnableStudy,
  type RunOptions,
  type RunSummary,
  type StopReason,
} from "./study/run.ts";
export { ruleToStop, type Progress, type StopRule, type StopRules } from "./study/stop.ts";
export { LiveTrial, type LastReport, type ReportPlace } from "./study/live-trial.ts";
export { RequestingTrial, type RequestingObjective } from "./study/define-by-run.ts";
export type { Objective } from "./study/space-mode.ts";
export { Paused, Pruned, type ObjectiveResult, type TrialOutcome, type TrialResult } from "./study/outcome.ts";
export { MemoryStorage } from "./storage/memory.ts";
export type { Liveness } from "./storage/lease.ts";
export { livenessOf } from "./storage/worker.ts";
export { directions } from "./storage/storage.ts";
export type {
  Claim,
  Direction,
  LateResult,
  Lease,
  MetricChanges,
  NewTrial,
  Storage,
  StudyChanges,
  StudyDefinition,
  StudyRecord,
  StudySummary,
  TrialReport,
  TrialUpdate,
} from "./storage/storage.ts";
export {
  isFinal,
  isFinished,
  trialStates,
  type ActiveTrial,
  type FinishedTrial,
  type Metrics,
  type Outcome,
  type PausePoint,
  type Report,
  type TrialError,
  type TrialRecord,
  type TrialState,
} from "./storage/trial.ts";
export { analyzeStudy, spaceOfStudy, type StoredStudy } from "./analysis/analyze-study.ts";
export { analyzeTrials, type Analysis, type AnalysisSettings } from "./analysis/analyze.ts";
export type { Confidence } from "./analysis/confidence.ts";
export { correlations, type Correlation, type Correlations, type CorrelationSettings } from "./analysis/correlation.ts";
export type { CurvePoint, MarginalCurve } from "./analysis/curve.ts";
export { failureRegions, type FailureRegion } from "./analysis/failure.ts";
export { fanova, type Fanova } from "./analysis/fanova.ts";
export { growForest, type Forest, type ForestSettings } from "./analysis/forest.ts";
export type { ImportanceMethod, Importances, ParameterImportance } from "./analysis/importance.ts";
export { narrowSpace, type NarrowedSpace, type NarrowSettings, type SpaceChange } from "./analysis/narrow-space.ts";
export { pedAnova, type PedAnovaSettings } from "./analysis/ped-anova.ts";
export type { OptionCount } from "./analysis/option-count.ts";
export { regionsOf, type Region } from "./analysis/region.ts";
export type { Sentence } from "./analysis/sentences.ts";
export { spaceCode } from "./analysis/space-code.ts";
export { surfacesOf, type PairSurface, type SurfaceAxis } from "./analysis/surface.ts";
export { tableOf, type AnalyzedTrial, type PrunedPolicy, type TrialCounts, type TrialTable } from "./analysis/table.ts";
export { winnersOf, type Winner } from "./analysis/winner.ts";
export { rangeText, valueText } from "./analysis/words.ts";
