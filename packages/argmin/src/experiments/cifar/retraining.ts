import {
  ArgminError,
  canonicalJson,
  isJsonObject,
  messageOf,
  parseJson,
  writeFileAtomically,
  type JsonObject,
} from "@argmin/base";
import type { AccuracyMetric, Callback, EpochRecord } from "@argmin/nn";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RetrainContext } from "../../experiment.ts";
import type { Images, ImageSets } from "./images.ts";
import type { LearnOptions, Learner } from "./learner.ts";

/** One long training. */
export interface RetrainingPlan {
  readonly learner: Learner;
  readonly data: ImageSets;
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
 * once, and the network is exported as `model.onnx`: the best epoch's where images were held out, else the last one's.
 *
 * @throws ArgminError `usage/invalid` if the folder holds a training with other settings, `checkpoint/corrupt` and `data/*` for files
 *   that cannot be read, `file/*` for those that cannot be written.
 */
export async function retrainFully(plan: RetrainingPlan, context: Omit<RetrainContext<unknown>, "data">): Promise<JsonObject> {
  const { learner, data, training, validation, options, settings } = plan;
  const { folder, checkpoint, signal } = context;
  const files = { curve: join(folder, "curve.json"), best: join(folder, "best.safetensors"), onnx: join(folder, "model.onnx") };
  const goesOn = existsSync(checkpoint);
  if (goesOn) await learner.load(checkpoint, { optimizer: true });
  const curve = goesOn ? await Curve.open(files.curve, settings, learner.epoch) : Curve.begin(files.curve, settings);
  if (curve.result !== undefined && learner.epoch >= options.epochs) return curve.result;
  if (goesOn) context.log(`Going on from the checkpoint: ${learner.epoch} of ${options.epochs} epochs are done.`);
  const accuracy = validation === undefined ? plan.accuracy.training : plan.accuracy.validation;
  if (learner.epoch < options.epochs) {
    // Whose training it is must be known before the first epoch has ended, too.
    curve.result = undefined;
    await curve.save();
    await learner.fit(data.train, {
      ...options,
      training,
      validation,
      initialEpoch: learner.epoch,
      signal,
      callbacks: [
        checkpointWithinEpochs(plan, context),
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
  const result = {
    ...curve.summary(accuracy, validation !== undefined),
    ...testResult({ ...(await learner.evaluate(data.test, signal)) }, data.test),
  };
  await learner.exportOnnx(files.onnx);
  await curve.finish(result);
  return result;
}

/** Writes the checkpoint now and then, and says how far the epoch is: one of a large network may take half an hour. */
function checkpointWithinEpochs(
  { options: { batchSize = 32 }, secondsBetweenCheckpoints = 60 }: RetrainingPlan,
  { checkpoint, log }: Pick<RetrainContext<unknown>, "checkpoint" | "log">,
): Callback {
  let last = { at: performance.now(), step: 0 };
  return {
    onEpochBegin: () => {
      last = { at: performance.now(), step: 0 };
    },
    onStepEnd: async ({ epoch, stepInEpoch }, { trainer, stepsPerEpoch }) => {
      const seconds = (performance.now() - last.at) / 1000;
      if (seconds < secondsBetweenCheckpoints || stepInEpoch === stepsPerEpoch) return;
      const rate = ((stepInEpoch - last.step) * batchSize) / seconds;
      await trainer.save(checkpoint, { optimizer: true });
      log(`epoch ${epoch}: ${stepInEpoch} of ${stepsPerEpoch} steps, ${Math.round(rate)} images/s`);
      last = { at: performance.now(), step: stepInEpoch };
    },
  };
}

function testResult(metrics: Readonly<Record<string, number | undefined>>, { count }: Images): JsonObject {
  const named = Object.entries(metrics).flatMap(([name, value]) =>
    value === undefined ? [] : [[`test${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, value] as const],
  );
  return { ...Object.fromEntries(named), testImages: count };
}

/** What is shown of an epoch, the accuracy that counts first. */
export function shownMetrics({ metrics, examplesPerSecond }: EpochRecord, first: AccuracyMetric): Record<string, number> {
  const entries = Object.entries<number | undefined>({ ...metrics }).filter(
    (entry): entry is [string, number] => entry[1] !== undefined,
  );
  const ordered = [...entries.filter(([name]) => name === first), ...entries.filter(([name]) => name !== first)];
  return { ...Object.fromEntries(ordered), imagesPerSecond: Number(examplesPerSecond.toPrecision(4)) };
}

/** The learning curve on disk: what was trained with what, epoch by epoch, and what came of it. */
class Curve {
  readonly #path: string;
  readonly #settings: JsonObject;
  readonly #epochs: JsonObject[];
  result: JsonObject | undefined;

  private constructor(path: string, settings: JsonObject, epochs: JsonObject[], result: JsonObject | undefined) {
    this.#path = path;
    this.#settings = settings;
    this.#epochs = epochs;
    this.result = result;
  }

  static begin(path: string, settings: JsonObject): Curve {
    return new Curve(path, settings, [], undefined);
  }

  /** @param epochs - How many epochs the checkpoint has seen: what the curve knows beyond is trained again. */
  static async open(path: string, settings: JsonObject, epochs: number): Promise<Curve> {
    if (!existsSync(path)) return Curve.begin(path, settings);
    const known = parseJson(await readText(path), path);
    const document = isJsonObject(known) ? known : {};
    if (canonicalJson(document["settings"] ?? null) !== canonicalJson(settings)) {
      throw new ArgminError(
        "usage/invalid",
        `${path} belongs to a training with other settings; give those, delete its folder, or keep this one apart with --study NAME.`,
      );
    }
    const records = Array.isArray(document["epochs"]) ? document["epochs"].filter(isJsonObject) : [];
    const kept = records.filter(({ epoch }) => typeof epoch === "number" && epoch <= epochs);
    const { result } = document;
    return new Curve(path, settings, kept, isJsonObject(result) && kept.length === records.length ? result : undefined);
  }

  /** Adds an epoch and says whether it is the best so far. */
  add({ epoch, metrics, learningRate, seconds }: EpochRecord, accuracy: AccuracyMetric): boolean {
    const best = this.#best(accuracy);
    const known = Object.entries<number | undefined>({ ...metrics }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const record = { epoch, ...Object.fromEntries(known), learningRate, seconds: Number(seconds.toFixed(2)) };
    this.#epochs.push(record);
    return best === undefined || valueOf(record, accuracy) > valueOf(best, accuracy);
  }

  /** What can be said of the training in a line. */
  summary(accuracy: AccuracyMetric, hasValidation: boolean): JsonObject {
    const best = this.#best(accuracy);
    const seconds = this.#epochs.reduce(
      (sum, record) => sum + (typeof record["seconds"] === "number" ? record["seconds"] : 0),
      0,
    );
    return {
      epochs: this.#epochs.length,
      trainingSeconds: Number(seconds.toFixed(1)),
      ...(hasValidation && best !== undefined ? { bestEpoch: best["epoch"] ?? null, [accuracy]: best[accuracy] ?? null } : {}),
    };
  }

  async save(): Promise<void> {
    const { result } = this;
    const document = { settings: this.#settings, epochs: this.#epochs, ...(result === undefined ? {} : { result }) };
    await writeFileAtomically(this.#path, `${JSON.stringify(document, undefined, 1)}\n`);
  }

  async finish(result: JsonObject): Promise<void> {
    this.result = result;
    await this.save();
  }

  #best(accuracy: AccuracyMetric): JsonObject | undefined {
    return this.#epochs.reduce<JsonObject | undefined>(
      (best, record) => (best === undefined || valueOf(record, accuracy) > valueOf(best, accuracy) ? record : best),
      undefined,
    );
  }
}

function valueOf(record: JsonObject, metric: string): number {
  const value = record[metric];
  return typeof value === "number" ? value : Number.NEGATIVE_INFINITY;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new ArgminError("data/missing", `${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
}
