import type { JsonObject } from "@argmin/base";
import { callback, compileModel, optimizer, type OptimizerSettings, type Trainer } from "@argmin/nn";
import { augment } from "@argmin/vision";
import type { Environment, NamedPoint, RetrainContext, TrialContext } from "../../experiment.ts";
import { holdoutOf, partition, type Images, type ImageSets } from "../cifar/images.ts";
import { createLearner, type Learner } from "../cifar/learner.ts";
import { retrainFully } from "../cifar/retraining.ts";
import { trainCandidate } from "../cifar/search.ts";
import { fineAndCoarseNetwork, fineNetwork } from "./network.ts";
import type { Options } from "./options.ts";
import type { Settings } from "./space.ts";

/** The learning rate that `lr_rate_mult` multiplies. */
const BASE_RATE = 0.001;

/** The accuracy that a search is for. */
export const METRIC = "validationFineAccuracy";

/** A network that is no better than guessing after so many epochs is given up. */
const EPOCHS_TO_LEARN = 5;

const optimizers: Readonly<Record<Settings["optimizer"], (options: { learningRate: number }) => OptimizerSettings>> = {
  Adam: optimizer.adam,
  Nadam: optimizer.nadam,
  RMSprop: optimizer.rmsprop,
};

/** What is said of a candidate. */
type Verdict = {
  readonly value: number;
  /** Why its training was given up, if it was. */
  readonly attributes: { readonly stopped?: string };
};

/** The best accuracy on the validation images that a candidate has after any of its epochs. */
export async function evaluateCandidate(settings: Settings, trial: TrialContext<ImageSets, Options>): Promise<Verdict> {
  const { data, options, rng, seed } = trial;
  const { value, stopped } = await trainCandidate(
    {
      split: partition(data.train, { holdout: holdoutOf(data.train), subset: options.subset, seed }),
      learner: createCandidate(settings, data.train, options, trial, rng.uint32()),
      images: data.train,
      options: { epochs: options.epochs, batchSize: settings.batch_size, augmentation: augment.flip() },
      metric: METRIC,
      callbacks: [callback.neverLearned({ monitor: METRIC, epochs: EPOCHS_TO_LEARN, margin: 0.005 })],
    },
    trial,
  );
  return { value, attributes: stopped === undefined ? {} : { stopped } };
}

/** Trains a candidate on all training images but those held out, and looks at the test set at the end. */
export async function retrainCandidate(
  { name, params }: NamedPoint<Settings>,
  context: RetrainContext<ImageSets, Options>,
): Promise<JsonObject> {
  const { data, options, rng, seed, holdout = 0 } = context;
  const split =
    holdout === 0 && options.subset === undefined ? undefined : partition(data.train, { holdout, subset: options.subset, seed });
  const learner = createCandidate(params, data.train, options, context, rng.uint32());
  const { dataset, heads, subset = null } = options;
  try {
    return await retrainFully(
      {
        learner,
        data,
        dataset,
        training: split?.training,
        validation: holdout === 0 ? undefined : split?.validation,
        options: { epochs: options.epochs, batchSize: params.batch_size, augmentation: augment.flip() },
        accuracy: { training: "fineAccuracy", validation: METRIC },
        settings: { point: name, params, dataset, heads, subset, holdout, seed },
      },
      context,
    );
  } finally {
    await learner.dispose();
  }
}

/** The optimizer of a candidate, at its learning rate. */
export function optimizerOf({ optimizer, lr_rate_mult }: Settings): OptimizerSettings {
  return optimizers[optimizer]({ learningRate: BASE_RATE * lr_rate_mult });
}

/** A candidate ready to learn. */
export function createCandidate(
  settings: Settings,
  { classes, coarseClasses }: Pick<Images, "classes" | "coarseClasses">,
  { heads }: Pick<Options, "heads">,
  { device, threads }: Pick<Environment, "device" | "threads">,
  seed: number,
): Learner {
  const machine = { device, threads, seed };
  if (coarseClasses === undefined) {
    const network = fineNetwork(settings, { classes: classes.length, heads });
    const trainer = compileModel(network, { ...machine, loss: LOSS, optimizer: optimizerOf(settings) });
    return createLearner(
      trainer,
      ({ labels }) => ({ fine: labels }),
      ({ fine }) => fine,
    );
  }
  const task = { classes: classes.length, coarseClasses: coarseClasses.length, heads };
  const trainer = compileFineAndCoarse(settings, task, machine);
  return createLearner(
    trainer,
    ({ labels, coarseLabels = labels }) => ({ fine: labels, coarse: coarseLabels }),
    ({ fine }) => fine,
  );
}

const LOSS = "categoricalCrossentropy";

/** The trainer of a candidate with both heads, whose coarse one weighs as the candidate has it. */
export function compileFineAndCoarse(
  settings: Settings,
  task: Parameters<typeof fineAndCoarseNetwork>[1],
  machine: Pick<Environment, "device" | "threads"> & { readonly seed: number },
): Trainer<"fine" | "coarse"> {
  return compileModel(fineAndCoarseNetwork(settings, task), {
    ...machine,
    loss: { fine: LOSS, coarse: { kind: LOSS, weight: settings.coarse_labels_weight } },
    optimizer: optimizerOf(settings),
  });
}
