import { Rng } from "@argmin/base";
import { analyzeTrials, compileSpace, hp, quantile, type Direction, type Space } from "@argmin/search";
import type { ChartedStudy, ChartedTrial } from "@argmin/dashboard";

/** A small network's space: every kind of scale, and parameters that are not always there. */
export const networkSpace = compileSpace({
  learning_rate: hp.float(1e-5, 1e-1, { log: true }),
  batch_size: hp.quniform(100, 450, 5),
  optimizer: hp.choice(["Adam", "Nadam", "RMSprop"]),
  pooling_type: hp.choice(["max", "average", "all convolutions", "inception"]),
  use_BN: hp.choice([false, true]),
  residual: hp.choice([null, hp.quniform(1, 4, 1, { label: "residual_units" })]),
  dropout: hp.uniform(0, 0.6),
});

/** The published space of the CIFAR-100 search in number and kinds of parameters. */
export const wideSpace = compileSpace({
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
});

/** Names as long as people make them, of parameters and of their few options. */
export const wordySpace = compileSpace({
  learning_rate_multiplier_of_the_first_convolutional_stage_after_warm_up: hp.float(1e-5, 1e-1, { log: true }),
  "optimizer.schedule.cosine.number_of_restarts_before_the_last_epoch": hp.choice([
    "Adam with decoupled weight decay and warm-up",
    "Nesterov's accelerated gradient with momentum 0.9",
    "RMSprop",
    "a",
  ]),
  pooling: hp.choice(["global_average_pooling_over_all_positions_of_the_image", "max"]),
  file: hp.choice(["/data/2026/images/cifar-100-fine-and-coarse/train.bin", "/data/2026/images/cifar-10/train.bin", "s3://b"]),
  nowheretobebrokennowheretobebrokennowheretobebrokennowheretobebroken: hp.uniform(0, 0.6),
  residual: hp.choice([null, hp.quniform(1, 4, 1, { label: "residual_units_in_each_of_the_stages_but_the_last" })]),
});

export interface StudyRecipe {
  readonly trials: number;
  readonly space?: Space;
  readonly direction?: Direction;
  /** All trials are complete and have finite, ordinary results. */
  readonly isTame?: boolean;
  readonly epochs?: number;
  readonly workers?: number;
}

const start = Date.UTC(2026, 2, 1, 9);

/** A study as a search might have left it: the same recipe gives the same study. */
export function studyOf(recipe: StudyRecipe): ChartedStudy {
  const { trials: count, space = networkSpace, direction = "maximize", isTame = false, epochs = 10, workers = 3 } = recipe;
  const rng = Rng.fromSeed(7);
  const clocks = Array.from({ length: workers }, (_, worker) => start + 4000 * worker);
  const reports: ChartedStudy["reports"][number][] = [];
  const trials = Array.from({ length: count }, (_, number): ChartedTrial => {
    const assignment = assignmentOf(space, rng, number);
    const quality = qualityOf(assignment) + 0.05 * (rng.float() - 0.5);
    const worker = clocks.indexOf(Math.min(...clocks));
    const luck = isTame ? 1 : rng.float();
    const ended = luck < 0.06 ? 2 : luck < 0.2 ? 4 : epochs;
    const startedAt = clocks[worker]!;
    const finishedAt = startedAt + 20_000 + Math.round(30_000 * rng.float()) * ended;
    clocks[worker] = finishedAt + 500;
    const valueAt = (step: number): number =>
      (direction === "maximize" ? 1 : -1) * quality * (1 - Math.exp(-(step + 1) / 3)) + (direction === "maximize" ? 0 : 1.5);
    for (let step = 0; step < ended; step++)
      reports.push({ number, step, phase: "", metrics: { fineAccuracy: valueAt(step), loss: 3 - valueAt(step) } });
    const base = { number, assignment, startedAt, finishedAt, worker: `machine-${worker < 2 ? "a" : "b"}/${4100 + worker}/88` };
    if (luck < 0.03)
      return {
        ...base,
        state: "failed",
        error: { code: "trial/out-of-memory", message: `The worker ran out of memory at ${number} MB.` },
      };
    if (luck < 0.06) return { ...base, state: "failed", error: { message: `The loss became NaN in step ${number}.` } };
    if (luck < 0.08)
      return { ...base, finishedAt: startedAt + 5, state: "pruned", reason: "1.2 million parameters are more than 1 million" };
    if (luck < 0.2) return { ...base, state: "pruned", value: valueAt(3), step: 3, reason: "worse than the median of 12 trials" };
    if (luck < 0.21) return { ...base, state: "complete", value: luck < 0.205 ? Number.NaN : Number.POSITIVE_INFINITY };
    if (luck < 0.23) return { ...base, state: "complete", value: direction === "maximize" ? -40 : 900 };
    return { ...base, state: "complete", value: valueAt(epochs - 1) };
  });
  const analysis = analyzeTrials(space, trials, { direction, seed: 1 });
  return { space, direction, trials, reports, analysis, result: "fine accuracy", metric: "fineAccuracy", step: "epoch" };
}

function assignmentOf(space: Space, rng: Rng, number: number): Readonly<Record<string, number>> {
  const assignment: Record<string, number> = {};
  for (const { label, domain, condition } of space.parameters) {
    // Later trials look nearer to the middle, as those of a model do; every ninth repeats an early one.
    const draw = rng.float();
    const unit = number % 9 === 8 ? 0.3 : number > 25 ? (draw + 0.6) / 2.1 : draw;
    const isActive = typeof condition === "string" || condition.some((branch) => assignment[branch.label] === branch.option);
    if (isActive) assignment[label] = quantile(domain, unit);
  }
  return assignment;
}

function qualityOf(assignment: Readonly<Record<string, number>>): number {
  const rate = assignment["learning_rate"] ?? 1e-3 * (assignment["lr_rate_mult"] ?? 1);
  const dropout = assignment["dropout"] ?? assignment["fc_dropout_drop_proba"] ?? 0;
  return (
    0.62 -
    0.09 * Math.abs(Math.log10(rate) + 3) +
    (assignment["use_BN"] === 1 ? 0.09 : 0) -
    0.3 * (dropout - 0.3) ** 2 +
    0.02 * (assignment["residual_units"] ?? 0) +
    (assignment["optimizer"] === 1 ? 0.03 : 0)
  );
}
