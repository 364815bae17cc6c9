export type { Assignment, Branch, Cardinality, Condition, FlatValues, Parameter, Space } from "./space/space.ts";
export type { Distribution, DistributionKind, NumericDistribution } from "./space/distribution.ts";
export type { Template } from "./space/template.ts";
export type { Categories, Domain, Gaussian, Interval, Lattice } from "./space/domain.ts";
export type { Sampler, SuggestContext } from "./sampler/sampler.ts";
export {
  finishedStates,
  TrialHistory,
  type Column,
  type FinishedState,
  type History,
  type Observation,
} from "./sampler/history.ts";
