import { ArgminError, isJsonObject, parseJson, type JsonObject, type JsonValue } from "@argmin/base";
import type { EpochPosition } from "../training/fit.ts";
import type { EpochRecord } from "../training/history.ts";

/** How far a training had come. */
export interface SavedTraining {
  readonly optimizer: string;
  readonly slots: readonly string[];
  /** The settings that say what the slots' numbers mean. */
  readonly units: Readonly<Record<string, number>>;
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  readonly seed: number | string;
  readonly records: readonly EpochRecord[];
  /** Undefined between two epochs. */
  readonly position?: EpochPosition;
}

/**
 * Reads the training state in a checkpoint's metadata.
 *
 * @throws ArgminError `json/invalid`, or `checkpoint/corrupt` if it is not one that argmin writes.
 */
export function parseTraining(text: string, path: string): SavedTraining {
  const value: JsonValue = parseJson(text, `The training state of ${path}`);
  if (isJsonObject(value)) {
    const { optimizer, slots, units, step, epoch, learningRate, seed, records, position } = value;
    const parsedRecords = recordsOf(records);
    const parsedPosition = position === undefined ? undefined : positionOf(position);
    if (
      typeof optimizer === "string" &&
      Array.isArray(slots) &&
      isNumbers(units) &&
      isCount(step) &&
      isCount(epoch) &&
      typeof learningRate === "number" &&
      (typeof seed === "number" || typeof seed === "string") &&
      parsedRecords !== undefined &&
      (position === undefined) === (parsedPosition === undefined)
    ) {
      const state = { optimizer, slots: slots.map(String), units, step, epoch, learningRate, seed, records: parsedRecords };
      return { ...state, ...(parsedPosition && { position: parsedPosition }) };
    }
  }
  throw new ArgminError(
    "checkpoint/corrupt",
    `The training state of ${path} is not one that argmin writes; save the checkpoint again.`,
  );
}

function recordsOf(value: JsonValue | undefined): readonly EpochRecord[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const records = value.map((item) => (isJsonObject(item) ? recordOf(item) : undefined)).filter((item) => item !== undefined);
  return records.length === value.length ? records : undefined;
}

function recordOf({ epoch, step, metrics, learningRate, seconds, examplesPerSecond }: JsonObject): EpochRecord | undefined {
  if (!isCount(epoch) || !isCount(step) || !isNumbers(metrics)) return undefined;
  const { loss, ...others } = metrics;
  const isWhole = typeof learningRate === "number" && typeof seconds === "number" && typeof examplesPerSecond === "number";
  return isWhole && loss !== undefined
    ? { epoch, step, metrics: { loss, ...others }, learningRate, seconds, examplesPerSecond }
    : undefined;
}

function positionOf(value: JsonValue): EpochPosition | undefined {
  if (!isJsonObject(value)) return undefined;
  const { firstStep, done, count, batchSize, shuffle, sums, seconds } = value;
  const isWhole = isCount(firstStep) && isCount(done) && isCount(count) && isCount(batchSize) && done <= count;
  if (!isWhole || typeof shuffle !== "boolean" || !Array.isArray(sums) || typeof seconds !== "number") return undefined;
  return { firstStep, done, count, batchSize, shuffle, sums: sums.map(Number), seconds };
}

function isNumbers(value: JsonValue | undefined): value is Readonly<Record<string, number>> {
  return isJsonObject(value) && Object.values(value).every((item) => typeof item === "number");
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
