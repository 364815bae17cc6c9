/** The constants of the choice: what the benchmarks have chosen, not what a user has to think of. */
export type AutoTuning = {
  /** A Gaussian process while no more trials than this say how good they are. */
  readonly gpTrials: number;
  /** Of so many suggestions of the Gaussian process in a row one is left to TPE. */
  readonly tpeEvery: number;
  /** With more trials than this under way at once, what the model does not know weighs more than what it knows. */
  readonly gpPending: number;
  /** Of a space with more parameters than this too little is known after a hundred trials. */
  readonly gpParameters: number;
};

export const defaultTuning: AutoTuning = { gpTrials: 100, tpeEvery: 4, gpPending: 32, gpParameters: 60 };
