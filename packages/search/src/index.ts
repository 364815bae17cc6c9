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
export type { Sampler, SuggestContext } from "./sampler/sampler.ts";
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
export {
  duplicateAttemptLimit,
  duplicatePolicies,
  proposeConfiguration,
  type DuplicatePolicy,
  type Proposal,
  type ProposalRequest,
} from "./sampler/duplicates.ts";
