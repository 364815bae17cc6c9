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

/** How candidates can be trained, by the option's word. */
const recipes: { readonly [R in Options["recipe"]]: (settings: Settings) => Method } = {
  /** Plain momentum at the candidate's rate. */
  published: ({ learning_rate, momentum }) => ({
    optimizer: optimizer.sgd({ learningRate: learning_rate, momentum }),
    loss: { kind: "categoricalCrossentropy" },
    fit: { augmentation: shifted },
  }),
  /** argmin's own: one cycle up to a rate ten times the candidate's, labels softened, and kernels that decay. */
  "one-cycle": ({ learning_rate, momentum }) => ({
    optimizer: optimizer.sgd({ learningRate: 10 * learning_rate, momentum, nesterov: true, weightDecay: 5e-4 }),
    loss: { kind: "categoricalCrossentropy", labelSmoothing: 0.1 },
    fit: { augmentation: shifted, learningRate: schedule.oneCycle({ rise: 0.3, momentum: [momentum - 0.1, momentum] }) },
  }),
};

/** The best accuracy on the validation images that a candidate has after any of its epochs. */
export async function evaluateCandidate(settings: Settings, trial: TrialContext<ImageSets, Options>): Promise<number> {
  const { data, options, rng, seed } = trial;
  const split = partition(data.train, { holdout: holdoutOf(data.train), subset: options.subset, seed });
  const method = recipes[options.recipe](settings);
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

/** Trains a candidate, the point `recipe` in one cycle whatever the options say, with 5,000 images held out unless said otherwise. */
export async function retrainCandidate(
  { name, params }: NamedPoint<Settings>,
  context: RetrainContext<ImageSets, Options>,
): Promise<JsonObject> {
  const { data, options, rng, seed, holdout = holdoutOf(data.train) } = context;
  const { subset } = options;
  const split = holdout === 0 && subset === undefined ? undefined : partition(data.train, { holdout, subset, seed });
  const recipe = name === "recipe" ? "one-cycle" : options.recipe;
  const method = recipes[recipe](params);
  const images = { images: data.train, training: split?.training, seed: rng.uint32() };
  const learner = createLearnerOf(params, method, images, context);
  const epochs = options.epochs ?? params.epochs;
  if (recipe === "one-cycle")
    context.log(`In one cycle of ${epochs} epochs, in which the rate rises to ten times the candidate's and falls to nothing.`);
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
        settings: { point: name, recipe, params, epochs, subset: subset ?? null, holdout, seed },
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
export function costOf(settings: Settings, { recipe }: Options): Cost {
  return costOfModel(networkOf(settings), { batchSize: settings.batch_size, optimizer: recipes[recipe](settings).optimizer });
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
