/** The constants of the estimators: what the benchmarks on known functions have chosen, not what a user has to think of. */
export type TpeTuning = {
  /** The share of the trials that are the good ones, and their greatest number. */
  readonly goodShare: number;
  readonly goodLimit: number;
  /** Bandwidths of the good and of the bad trials' kernels: of each parameter's spread among them, before it shrinks with their number. */
  readonly goodBandwidth: number;
  readonly badBandwidth: number;
  /** No bandwidth is smaller, as a part of the prior's range. */
  readonly smallestBandwidth: number;
  /** How many of a draw's parameters come from the prior instead of a kernel, before that shrinks with the number of trials. */
  readonly redraws: number;
  /** How likely a choice that other parameters depend on is drawn from its prior, whatever the model says. */
  readonly exploration: number;
  /** Of more bad trials some stand for all. */
  readonly badLimit: number;
};

export const defaultTuning: TpeTuning = {
  goodShare: 0.1,
  goodLimit: 25,
  goodBandwidth: 0.15,
  badBandwidth: 0.15,
  smallestBandwidth: 0.001,
  redraws: 2,
  exploration: 0.2,
  badLimit: 128,
};
