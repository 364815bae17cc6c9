import { defaultTuning as defaultGpTuning, type GpTuning } from "../gp/tuning.ts";

/** The constants of the choice: what the benchmarks have chosen, not what a user has to think of. */
export type AutoTuning = {
  /** The Gaussian process has its turns until so many trials say how good they are: then the other knows as much, in a hundredth of the time. */
  readonly gpTrials: number;
  /** It has none in a space of more parameters than this, of which a hundred trials tell a model of the whole too little. */
  readonly gpParameters: number;
  /** Nor while more trials than this are under way: what it believes of them would outweigh what it knows. */
  readonly gpPending: number;
  readonly gp: GpTuning;
};

export const defaultTuning: AutoTuning = { gpTrials: 100, gpParameters: 40, gpPending: 32, gp: defaultGpTuning };
