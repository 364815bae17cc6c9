import { ArgminError } from "@argmin/base";
import { join } from "node:path";
import type { Callback, Weights } from "../training/callbacks.ts";
import type { EpochRecord } from "../training/history.ts";
import { EventFile } from "./event-file.ts";

export interface TensorBoardOptions {
  /** Where the runs `train` and `validation` lie. */
  readonly folder: string;
  /** After every how many epochs the histograms of all weights are written; 0: never. Default 2. */
  readonly histogramsEvery?: number;
  /** Whether to write the network for the page of graphs. Default true. */
  readonly graph?: boolean;
}

/**
 * Writes a training's logs for TensorBoard, as two runs.
 *
 * The step is the epoch, 1 for the first. `train` and `validation` have the metrics under the same tags, `metrics/loss` and so on, so
 * that one chart shows both; `train` also has `training/learningRate`, `training/examplesPerSecond`, `training/seconds`, histograms of
 * the weights, `weights/conv2d_1/kernel`, and the network.
 *
 * A training that goes on from a checkpoint goes on in files of its own beside those it wrote; what these tell of epochs that are
 * trained again is taken out, and epochs they lack are written from the history. A training that begins anew begins the two runs anew.
 * Put it before the callback that saves the checkpoint: nothing is missing then.
 *
 * @throws ArgminError `value/invalid` for options out of range; while it trains, `file/*` if the logs cannot be written.
 */
export function tensorBoard({ folder, histogramsEvery = 2, graph = true }: TensorBoardOptions): Callback {
  if (!Number.isSafeInteger(histogramsEvery) || histogramsEvery < 0)
    throw new ArgminError(
      "value/invalid",
      `The histogramsEvery of a callback must be a whole number of at least 0, not ${histogramsEvery}.`,
    );
  let runs: { readonly train: EventFile; readonly validation: EventFile } | undefined;
  const open = async (keepUntil: number): Promise<NonNullable<typeof runs>> => ({
    train: await EventFile.open(join(folder, "train"), { keepUntil }),
    validation: await EventFile.open(join(folder, "validation"), { keepUntil }),
  });
  return {
    onTrainBegin: async ({ model, earlier }) => {
      runs = await open(earlier.at(-1)?.epoch ?? -1);
      const { train, validation } = runs;
      if (graph && !train.earlier.hasGraph) train.graph(model);
      for (const record of earlier) {
        if (!train.earlier.steps.has(record.epoch)) writeTraining(train, record);
        if (!validation.earlier.steps.has(record.epoch)) writeValidation(validation, record);
      }
      await train.flush();
      await validation.flush();
    },
    onEpochEnd: async (record, { trainer }) => {
      if (runs === undefined) return;
      const { train, validation } = runs;
      writeTraining(train, record);
      writeValidation(validation, record);
      if (histogramsEvery > 0 && record.epoch % histogramsEvery === 0) writeWeights(train, trainer.weights(), record.epoch);
      await train.flush();
      await validation.flush();
    },
  };
}

/** What names of the validation set's metrics begin with. */
const VALIDATION = "validation";

function writeTraining(file: EventFile, { epoch, metrics, learningRate, examplesPerSecond, seconds }: EpochRecord): void {
  for (const [name, value] of knownOf(metrics)) if (!name.startsWith(VALIDATION)) file.scalar(`metrics/${name}`, value, epoch);
  for (const [name, value] of Object.entries({ learningRate, examplesPerSecond, seconds }))
    file.scalar(`training/${name}`, value, epoch);
}

/** Under the tags that the training set's have: `validationFineLoss` as `metrics/fineLoss`. */
function writeValidation(file: EventFile, { epoch, metrics }: EpochRecord): void {
  for (const [name, value] of knownOf(metrics)) {
    if (!name.startsWith(VALIDATION)) continue;
    const own = name.slice(VALIDATION.length);
    file.scalar(`metrics/${own[0]!.toLowerCase()}${own.slice(1)}`, value, epoch);
  }
}

/** In one group, which comes after all others: TensorBoard makes a group of what stands before the first slash. */
function writeWeights(file: EventFile, weights: Weights, epoch: number): void {
  for (const [name, values] of weights) file.histogram(`weights/${name.replace(".", "/")}`, values, epoch);
}

function knownOf(metrics: EpochRecord["metrics"]): readonly (readonly [string, number])[] {
  return Object.entries<number | undefined>({ ...metrics }).filter((entry): entry is [string, number] => entry[1] !== undefined);
}
