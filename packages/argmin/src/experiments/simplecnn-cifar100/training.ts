import type { JsonObject } from "@argmin/base";
import { compileModel, optimizer, schedule, type LossSettings, type Model, type OptimizerSettings } from "@argmin/nn";
import { augment, channelStatistics } from "@argmin/vision";
import type { Cost, Environment, NamedPoint, RetrainContext, TrialContext } from "../../experiment.ts";
import { holdoutOf, partition, type Images, type ImageSets } from "../cifar/images.ts";
import { createLearner, type LearnOptions, type Learner } from "../cifar/learner.ts";
import { retrainFully } from "../cifar/retraining.ts";
import { trainCandidate } from "../cifar/search.ts";
import { costOfModel } from "../cost-of-model.ts";
import { createNetwork } from "./network.ts";
import type { Options } from "./options.ts";
import type { Settings } from "./space.ts";

/** The accuracy that a search is for. */
export const METRIC = "validationAccuracy";

/** How a network is trained: what of it belongs to the network's steps, and what to its epochs. */
interface Method {
  readonly optimizer: OptimizerSettings;
  readonly loss: LossSettings;
  readonly fit: Pick<LearnOptions, "augmentation" | "learningRate">;
}

const shifted = augment.all([augment.crop({ padding: 4, fill: "reflect" }), augment.flip()]);

/** The published way: plain momentum at the candidate's rate. */
function sweepMethod({ learning_rate, momentum }: Settings): Method {
  return {
    optimizer: optimizer.sgd({ learningRate: learning_rate, momentum }),
    loss: { kind: "categoricalCrossentropy" },
    fit: { augmentation: shifted },
  };
}

const RECIPE_RATE = 0.1;

/** argmin's own: one cycle up to a rate ten times the sweep's highest, softened labels, and kernels that decay. */
const recipe: Method = {
  optimizer: optimizer.sgd({ learningRate: RECIPE_RATE, momentum: 0.95, nesterov: true, weightDecay: 5e-4 }),
  loss: { kind: "categoricalCrossentropy", labelSmoothing: 0.1 },
  fit: { augmentation: shifted, learningRate: schedule.oneCycle({ rise: 0.3, momentum: [0.85, 0.95] }) },
};

/** The best accuracy on the validation images that a candidate has after any of its epochs. */
export async function evaluateCandidate(settings: Settings, trial: TrialContext<ImageSets, Options>): Promise<number> {
  const { data, options, rng, seed } = trial;
  const split = partition(data.train, { holdout: holdoutOf(data.train), subset: options.subset, seed });
  const method = sweepMethod(settings);
  const known = { images: data.train, training: split.training, seed: rng.uint32() };
  const { value } = await trainCandidate(
    {
      learner: createLearnerOf(settings, method, known, trial),
      images: data.train,
      split,
      options: { ...method.fit, epochs: options.epochs ?? settings.epochs, batchSize: settings.batch_size },
      metric: METRIC,
    },
    trial,
  );
  return value;
}

/** Trains a candidate, the point `recipe` by argmin's own recipe, with 5,000 images held out unless said otherwise. */
export async function retrainCandidate(
  { name, params }: NamedPoint<Settings>,
  context: RetrainContext<ImageSets, Options>,
): Promise<JsonObject> {
  const { data, options, rng, seed, holdout = holdoutOf(data.train) } = context;
  const { subset } = options;
  const split = holdout === 0 && subset === undefined ? undefined : partition(data.train, { holdout, subset, seed });
  const method = name === "recipe" ? recipe : sweepMethod(params);
  const images = { images: data.train, training: split?.training, seed: rng.uint32() };
  const learner = createLearnerOf(params, method, images, context);
  const epochs = options.epochs ?? params.epochs;
  if (method === recipe)
    context.log(
      `By argmin's own recipe: one cycle of the rate up to ${RECIPE_RATE} in ${epochs} epochs, in place of those above.`,
    );
  try {
    return await retrainFully(
      {
        learner,
        data,
        dataset: "cifar100",
        training: split?.training,
        validation: holdout === 0 ? undefined : split?.validation,
        options: { ...method.fit, epochs, batchSize: params.batch_size },
        accuracy: { training: "accuracy", validation: METRIC },
        // The course of the rate depends on how many epochs there will be.
        settings: { point: name, params, epochs, subset: subset ?? null, holdout, seed },
      },
      context,
    );
  } finally {
    await learner.dispose();
  }
}

/** A candidate's network before any images are seen. */
export function networkOf(settings: Settings): Model {
  return createNetwork(settings, { mean: [0, 0, 0], deviation: [1, 1, 1] });
}

/** What a candidate's network costs. */
export function costOf(settings: Settings): Cost {
  return costOfModel(networkOf(settings), { batchSize: settings.batch_size, optimizer: sweepMethod(settings).optimizer });
}

interface LearnerData {
  readonly images: Images;
  /** Those that the network may know, its normalization included. */
  readonly training: Uint32Array | undefined;
  readonly seed: number;
}

function createLearnerOf(
  settings: Settings,
  { optimizer, loss }: Method,
  { images, training, seed }: LearnerData,
  { device, threads }: Pick<Environment, "device" | "threads">,
): Learner {
  const network = createNetwork(settings, channelStatistics(images, training));
  return createLearner(
    compileModel(network, { optimizer, loss, seed, device, threads }),
    ({ labels }) => labels,
    (classes) => classes,
  );
}
