export { contextOf, describeSampler, type SamplerTraits, type SamplerUnderTest } from "./sampler-contract.ts";
export { conditionalSpace, finiteSpace, spacesAtTheEdge, spacesOfEachDistribution } from "./spaces.ts";
export { describeStorage, type StorageContract } from "./storage-contract.ts";
export type { OpenedStorage } from "./storage-cases/bench.ts";
export { describePruner, type PrunerTraits, type PrunerUnderTest } from "./pruner-contract.ts";
