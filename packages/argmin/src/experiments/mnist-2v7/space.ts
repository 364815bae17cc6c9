import { hp, type Sample } from "@argmin/search";

/** The values of each parameter: 43,200 combinations. */
export const values = {
  batch_size: [8, 16, 32, 64, 128],
  optimizer: ["Adam", "SGD", "Adamax", "Nadam"],
  learning_rate: [0.001, 0.002, 0.005, 0.01],
  epochs: [4, 8, 12],
  activator: ["softmax", "relu", "tanh", "sigmoid", "linear"],
  dropout_rate1: [0, 0.1, 0.25],
  dropout_rate2: [0, 0.1, 0.25, 0.5],
  neurons: [8, 16, 32],
} as const;

export const space = {
  batch_size: hp.choice(values.batch_size),
  optimizer: hp.choice(values.optimizer),
  learning_rate: hp.choice(values.learning_rate),
  epochs: hp.choice(values.epochs),
  activator: hp.choice(values.activator),
  dropout_rate1: hp.choice(values.dropout_rate1),
  dropout_rate2: hp.choice(values.dropout_rate2),
  neurons: hp.choice(values.neurons),
};

/** One candidate. */
export type Settings = Sample<typeof space>;

/** Candidates that have a name. */
export const points = {
  /** The best that was found and published: 0.99444 in cross-validation, 0.99126 on the test set. */
  published: {
    batch_size: 64,
    optimizer: "Adamax",
    learning_rate: 0.005,
    epochs: 12,
    activator: "relu",
    dropout_rate1: 0.25,
    dropout_rate2: 0.1,
    neurons: 8,
  },
} as const satisfies Readonly<Record<string, Settings>>;
