import { hp, type Sample } from "@argmin/search";

/** The published sweep's parameters. */
export const space = {
  num_filters_1: hp.choice([32, 64]),
  num_filters_2: hp.choice([64, 128]),
  num_filters_3: hp.choice([128, 256]),
  dropout_rate: hp.choice([0.125, 0.25, 0.5]),
  learning_rate: hp.uniform(1e-4, 1e-2),
  momentum: hp.uniform(0.8, 0.99),
  batch_size: hp.choice([8, 16, 32, 64, 128]),
  epochs: hp.quniform(30, 50, 5),
};

/** One candidate. */
export type Settings = Sample<typeof space>;

/** The published base network. */
const base = {
  num_filters_1: 64,
  num_filters_2: 128,
  num_filters_3: 256,
  dropout_rate: 0.25,
  learning_rate: 0.01,
  momentum: 0.9,
  batch_size: 128,
  epochs: 30,
} as const satisfies Settings;

/** Candidates that have a name. */
export const points = {
  base,
  /** The base network at the momentum that suits one cycle of the rate, which `argmin retrain --point recipe` trains it by. */
  recipe: { ...base, momentum: 0.95 },
} as const satisfies Readonly<Record<string, Settings>>;
