import { ArgminError, type JsonObject } from "@argmin/base";
import { imageMetadata } from "@argmin/vision";
import { callback, type AccuracyMetric, type Callback, type EpochRecord, type Evaluation } from "@argmin/nn";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RetrainContext } from "../../experiment.ts";
import { logsFolder, openLogsCommand } from "../../results/logs.ts";
import type { DatasetName, Images, ImageSets } from "./images.ts";
import type { LearnOptions, Learner } from "./learner.ts";
import { LearningCurve, metricsOf } from "./learning-curve.ts";
import { logSession, logTest, sampleCount } from "./training-logs.ts";

/** One long training. */
export interface RetrainingPlan {
  readonly learner: Learner;
  readonly data: ImageSets;
  readonly dataset: DatasetName;
  readonly training: Uint32Array | undefined;
  /** Images held out; undefined: all are trained on, and the weights of the last epoch are the ones that count. */
  readonly validation: Uint32Array | undefined;
  readonly options: Omit<LearnOptions, "training" | "validation" | "initialEpoch" | "callbacks" | "signal">;
  /** What the accuracy that counts is called, on images that are trained on and on those held out. */
  readonly accuracy: { readonly training: AccuracyMetric; readonly validation: AccuracyMetric };
  /** All that the course of the training depends on: a training is only continued with the same. */
  readonly settings: JsonObject;
  /** How often the checkpoint is written within an epoch, which may take longer than anyone wants to lose; 60 unless given. */
  readonly secondsBetweenCheckpoints?: number;
}

/**
 * Trains for good: after each epoch `curve.json`, the checkpoint and, where images are held out, `best.safetensors` are written, the
 * checkpoint every minute too, and a training that was killed goes on from it bit for bit. At the end the test set is looked at,
 * once, and the network is exported as `model.onnx`: the best epoch's where images were held out, else the last one's, as the file
 * says; it names its classes, too. `tensorboard/` has logs of all of it.
 *
 * @throws ArgminError `usage/invalid` if the folder holds a training with other settings or the checkpoint belongs to none,
 *   `checkpoint/corrupt`, `json/invalid` and `data/*` for files that cannot be read, `file/*` for those that cannot be written.
 */
export async function retrainFully(plan: RetrainingPlan, context: Omit<RetrainContext<unknown>, "data">): Promise<JsonObject> {
  const { learner, data, training, validation, options, settings } = plan;
  const { folder, checkpoint, signal } = context;
  const files = {
    curve: join(folder, "curve.json"),
    best: join(folder, "best.safetensors"),
    onnx: join(folder, "model.onnx"),
    logs: join(folder, logsFolder),
  };
  const curve = await LearningCurve.open(files.curve, settings);
  const goesOn = existsSync(checkpoint);
  if (goesOn) await learner.load(checkpoint, { optimizer: true });
  else if (curve.length > 0) context.log(`There is no checkpoint ${checkpoint}, so the training begins anew.`);
  if (!curve.trim(learner.epoch) || (goesOn && !curve.isKept))
    throw new ArgminError(
      "usage/invalid",
      `${files.curve} does not tell of the ${learner.epoch} epochs that ${checkpoint} has seen, so nobody knows whose checkpoint that is; ` +
        "bring the file back, or delete the checkpoint to begin anew.",
    );
  if (curve.result !== undefined && learner.epoch >= options.epochs) {
    context.log(`This training of ${learner.epoch} epochs is done; its result was kept.`);
    return curve.result;
  }
  if (goesOn) context.log(`Going on from the checkpoint: ${learner.epoch} of ${options.epochs} epochs are done.`);
  const accuracy = validation === undefined ? plan.accuracy.training : plan.accuracy.validation;
  const session = { folder: files.logs, settings, accuracy, goesOn };
  if (learner.epoch < options.epochs) {
    // Whose training it is must be known before the first epoch has ended, too.
    curve.result = undefined;
    await curve.save();
    await logSession(session);
    context.log(`Watch it: ${openLogsCommand(files.logs, process.cwd())}`);
    await learner.fit(data.train, {
      ...options,
      training,
      validation,
      initialEpoch: learner.epoch,
      signal,
      callbacks: [
        checkpointWithinEpochs(plan, context),
        // Before the checkpoint: an epoch that is logged twice is taken out, one that is not would stay without histograms.
        callback.tensorBoard({ folder: files.logs }),
        {
          onEpochEnd: async (record, { trainer }) => {
            const isBest = curve.add(record, accuracy);
            await curve.save();
            if (isBest && validation !== undefined) await trainer.save(files.best);
            // Last: what was written before is written again, the same, if this is not reached.
            await trainer.save(checkpoint, { optimizer: true });
            await context.report(record.epoch, shownMetrics(record, accuracy), { of: options.epochs });
          },
        },
      ],
    });
  }
  if (validation !== undefined) await learner.load(files.best, { optimizer: false });
  context.log(`Looking at the ${data.test.count.toLocaleString("en-US")} test images.`);
  const onBatch = sayNowAndThen(context.log, secondsBetweenLines);
  const metrics: Evaluation = await learner.evaluate(data.test, { signal, onBatch });
  const summary = curve.summary(accuracy, validation !== undefined);
  const result = { ...summary, ...testResult({ ...metrics }, data.test) };
  const kept = keptEpoch(summary, accuracy);
  await learner.exportOnnx(files.onnx, { ...kept.metadata, ...saidOfImages(plan) });
  const predictions = await learner.predict(data.test, sampleCount, { signal });
  await logTest({ folder: files.logs, images: data.test, predictions, metrics: { ...metrics }, epoch: kept.epoch });
  await logSession({ ...session, goesOn: true, ended: { result, epochs: learner.epoch } });
  context.log(`model.onnx is the network ${kept.words}.`);
  await curve.finish(result);
  return result;
}

/** What the file says of its images, so that `argmin predict` and `argmin evaluate` need nothing else. */
function saidOfImages({ learner, data: { test }, dataset }: RetrainingPlan): Readonly<Record<string, string>> {
  const classesOf = (output: string): readonly string[] => (output === "coarse" ? (test.coarseClasses ?? []) : test.classes);
  const classes = Object.fromEntries(learner.outputs.map((output) => [output, classesOf(output)]));
  return imageMetadata({ channels: test.channels, classes, dataset });
}

/** Which epoch the network that is kept is of, for people and for the file. */
function keptEpoch(
  summary: JsonObject,
  accuracy: AccuracyMetric,
): { readonly epoch: number; readonly metadata: Readonly<Record<string, string>>; readonly words: string } {
  const { epochs, bestEpoch } = summary;
  const last = Number(epochs);
  if (typeof bestEpoch !== "number")
    return {
      epoch: last,
      metadata: { epoch: String(last), epochs: String(last) },
      words: `after the last epoch, number ${last}`,
    };
  const metadata = {
    epoch: String(bestEpoch),
    epochs: String(last),
    bestBy: accuracy,
    [accuracy]: JSON.stringify(summary[accuracy] ?? null),
  };
  return { epoch: bestEpoch, metadata, words: `after epoch ${bestEpoch} of ${last}, the best by ${accuracy}` };
}

/** Writes the checkpoint now and then, and says how far the epoch is: one of a large network may take half an hour. */
function checkpointWithinEpochs(
  { options: { batchSize = 32 }, secondsBetweenCheckpoints = 60 }: RetrainingPlan,
  { checkpoint, log }: Pick<RetrainContext<unknown>, "checkpoint" | "log">,
): Callback {
  let last: { readonly at: number; readonly step: number } | undefined;
  return {
    onEpochBegin: () => {
      last = { at: performance.now(), step: 0 };
    },
    onStepEnd: async ({ epoch, stepInEpoch }, { trainer, stepsPerEpoch }) => {
      // An epoch that goes on from a checkpoint did its first steps in another process, so that time is counted from here.
      if (last === undefined) {
        last = { at: performance.now(), step: stepInEpoch };
        return;
      }
      const seconds = (performance.now() - last.at) / 1000;
      if (seconds < secondsBetweenCheckpoints || stepInEpoch === stepsPerEpoch) return;
      const rate = ((stepInEpoch - last.step) * batchSize) / seconds;
      await trainer.save(checkpoint, { optimizer: true });
      log(`epoch ${epoch}: ${stepInEpoch} of ${stepsPerEpoch} steps, ${Math.round(rate)} images/s`);
      last = { at: performance.now(), step: stepInEpoch };
    },
  };
}

/** A forward pass over all test images may take minutes. */
const secondsBetweenLines = 15;

function sayNowAndThen(log: (line: string) => void, seconds: number): (done: number, count: number) => void {
  let last = performance.now();
  return (done, count) => {
    if (performance.now() - last < seconds * 1000 || done === count) return;
    last = performance.now();
    log(`${done.toLocaleString("en-US")} of ${count.toLocaleString("en-US")} images`);
  };
}

function testResult(metrics: Readonly<Record<string, number | undefined>>, { count }: Images): JsonObject {
  const named = metricsOf(metrics).map(
    ([name, value]) => [`test${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, value] as const,
  );
  return { ...Object.fromEntries(named), testImages: count };
}

/** What is shown of an epoch, the accuracy that counts first. */
export function shownMetrics({ metrics, examplesPerSecond }: EpochRecord, first: AccuracyMetric): Record<string, number> {
  const entries = metricsOf(metrics);
  const ordered = [...entries.filter(([name]) => name === first), ...entries.filter(([name]) => name !== first)];
  return { ...Object.fromEntries(ordered), imagesPerSecond: Number(examplesPerSecond.toPrecision(4)) };
}
