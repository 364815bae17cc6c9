import { hp, type Sample } from "@argmin/search";

/**
 * The published space, label by label; bounds of `loguniform` are natural logarithms.
 *
 * @remarks Two things are written otherwise than in hyperopt and mean the same or what was meant. Its `quniform(1 - 0.499, 4 + 0.499, 1)`
 *   widens the bounds because rounding a uniform draw gives the two ends of a range half the chance of the others: here ends have
 *   their fair share anyway, so that `residual_units` is `quniform(1, 4, 1)`. Where hyperopt's bounds were not widened (`batch_size`,
 *   `conv_pool_res_start_idx`, the kernel sizes) the ends are twice as likely here as there. And a choice's own parameters need a
 *   label of their own: `first_conv_size`, `residual_units`, `one_more_fc_mult`.
 */
export const space = {
  lr_rate_mult: hp.loguniform(-0.5, 0.5),
  l2_weight_reg_mult: hp.loguniform(-1.3, 1.3),
  batch_size: hp.quniform(100, 450, 5),
  optimizer: hp.choice(["Adam", "Nadam", "RMSprop"]),
  coarse_labels_weight: hp.uniform(0.1, 0.7),
  conv_dropout_drop_proba: hp.uniform(0, 0.35),
  fc_dropout_drop_proba: hp.uniform(0, 0.6),
  use_BN: hp.choice([false, true]),
  first_conv: hp.choice([null, hp.choice([3, 4], { label: "first_conv_size" })]),
  residual: hp.choice([null, hp.quniform(1, 4, 1, { label: "residual_units" })]),
  conv_hiddn_units_mult: hp.loguniform(-0.6, 0.6),
  nb_conv_pool_layers: hp.choice([2, 3]),
  conv_pool_res_start_idx: hp.quniform(0, 2, 1),
  pooling_type: hp.choice(["max", "avg", "all_conv", "inception"]),
  conv_kernel_size: hp.quniform(2, 4, 1),
  res_conv_kernel_size: hp.quniform(2, 4, 1),
  fc_units_1_mult: hp.loguniform(-0.6, 0.6),
  one_more_fc: hp.choice([null, hp.loguniform(-0.6, 0.6, { label: "one_more_fc_mult" })]),
  activation: hp.choice(["relu", "elu"]),
};

/** One candidate. */
export type Settings = Sample<typeof space>;

/** Candidates that have a name. */
export const points = {
  /** A network of everything: what is drawn to show the architecture. */
  demo: {
    lr_rate_mult: 1,
    l2_weight_reg_mult: 1,
    batch_size: 300,
    optimizer: "Nadam",
    coarse_labels_weight: 0.2,
    conv_dropout_drop_proba: 0.175,
    fc_dropout_drop_proba: 0.3,
    use_BN: true,
    first_conv: 4,
    residual: 4,
    conv_hiddn_units_mult: 1,
    nb_conv_pool_layers: 3,
    conv_pool_res_start_idx: 0,
    pooling_type: "inception",
    conv_kernel_size: 3,
    res_conv_kernel_size: 3,
    fc_units_1_mult: 1,
    one_more_fc: 1,
    activation: "elu",
  },
  /** The best that was found and published: 67.61 % fine and 77.31 % coarse accuracy on the test set it was chosen by. */
  published: {
    lr_rate_mult: 0.6549,
    l2_weight_reg_mult: 0.4121,
    batch_size: 320,
    optimizer: "Nadam",
    coarse_labels_weight: 0.3067,
    conv_dropout_drop_proba: 0.2592,
    fc_dropout_drop_proba: 0.4322,
    use_BN: true,
    first_conv: 3,
    residual: 3,
    conv_hiddn_units_mult: 1.5958,
    nb_conv_pool_layers: 3,
    conv_pool_res_start_idx: 0,
    pooling_type: "avg",
    conv_kernel_size: 3,
    res_conv_kernel_size: 2,
    fc_units_1_mult: 1.3084,
    one_more_fc: null,
    activation: "elu",
  },
} as const satisfies Readonly<Record<string, Settings>>;
