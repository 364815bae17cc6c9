/** The constants of the model and of its search: what the benchmarks on known functions have chosen, not what a user has to think of. */
export type GpTuning = {
  /** The middle of the length scales' prior, times the root of the number of parameters, and its spread on the logarithmic scale. */
  readonly length: number;
  readonly lengthSpread: number;
  /** No length scale is longer than this many ranges of its parameter: what seems to make no difference is not believed never to make one. */
  readonly longest: number;
  /** The gamma density of the noise's variance, of targets with variance 1, and its least value. */
  readonly noiseShape: number;
  readonly noiseRate: number;
  readonly smallestNoise: number;
  /** How many of the starts of the fit are followed for how many first steps, and for how many in all is the best of them. */
  readonly fits: number;
  readonly firstSteps: number;
  readonly fitSteps: number;
  /** Up to so many trials the hyper-parameters are fitted anew for each; then again whenever their number has grown by `refitShare`. */
  readonly refitAlways: number;
  readonly refitShare: number;
  /** Trials that the hyper-parameters are fitted to, and that predictions are made from, at most. */
  readonly fitLimit: number;
  readonly modelLimit: number;
  /** Points that the search for the greatest expected improvement looks at: spread over the space, and near the best trials. */
  readonly spreadCandidates: number;
  readonly nearCandidates: number;
  /** How many of them are improved further, a little, and how many of those then as far as it goes. */
  readonly climbs: number;
  readonly climbSteps: number;
  readonly finalClimbs: number;
  readonly finalSteps: number;
  /** How likely a choice that other parameters depend on is drawn from its prior, whatever the model says. */
  readonly exploration: number;
};

export const defaultTuning: GpTuning = {
  length: 0.4,
  lengthSpread: 1.2,
  longest: 4,
  noiseShape: 1.1,
  noiseRate: 10,
  smallestNoise: 1e-6,
  fits: 2,
  firstSteps: 8,
  fitSteps: 30,
  refitAlways: 40,
  refitShare: 0.1,
  fitLimit: 120,
  modelLimit: 400,
  spreadCandidates: 512,
  nearCandidates: 256,
  climbs: 5,
  climbSteps: 8,
  finalClimbs: 2,
  finalSteps: 40,
  exploration: 0.2,
};
