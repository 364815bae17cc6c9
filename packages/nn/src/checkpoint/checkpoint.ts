import { readFile } from "node:fs/promises";
import { ArgminError, messageOf, writeFileAtomically } from "@argmin/base";
import { sameShape } from "../graph/value.ts";
import { isTrained, type AnyModel } from "../layers/model.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.ts";
import { parseTraining, type SavedTraining } from "./saved-training.ts";

/**
 * @file Checkpoints: the weights under their names; what the optimizer keeps under `optimizer/<slot>/<weight>`, and how far
 * the training has come in the metadata, if training is to go on from the file.
 */

/** What a checkpoint is written from. */
export interface CheckpointSource {
  readonly model: AnyModel;
  /** The numbers of a weight, or of a slot of one. */
  readonly view: (weight: string, slot?: string) => Float32Array;
  /** Undefined: the weights alone. */
  readonly training: SavedTraining | undefined;
}

/** What a checkpoint holds for a model. */
export interface LoadedCheckpoint {
  readonly tensors: readonly { readonly weight: string; readonly slot?: string; readonly data: Float32Array }[];
  readonly training: SavedTraining | undefined;
}

/** Writes a checkpoint, whole or not at all. @throws ArgminError `file/unwritable` or `file/full`. */
export async function writeCheckpoint(path: string, { model, view, training }: CheckpointSource): Promise<void> {
  const tensors = new Map<string, StoredTensor>(model.weights.map(({ name, shape }) => [name, { shape, data: view(name) }]));
  for (const slot of training?.slots ?? []) {
    for (const { name, shape } of model.weights.filter(isTrained))
      tensors.set(slotKey(slot, name), { shape, data: view(name, slot) });
  }
  const metadata = { format: "argmin", ...(training && { training: JSON.stringify(training) }) };
  await writeFileAtomically(path, encodeSafetensors({ tensors, metadata }));
}

/**
 * Reads a checkpoint for a model.
 *
 * @param expected - The optimizer that is to go on; undefined to take the weights alone.
 * @throws ArgminError `data/missing`, `checkpoint/corrupt`, or `model/weights` if it does not fit the model or the optimizer.
 */
export async function readCheckpoint(
  path: string,
  model: AnyModel,
  expected: Pick<SavedTraining, "optimizer" | "slots" | "units"> | undefined,
): Promise<LoadedCheckpoint> {
  const { tensors, metadata } = decodeSafetensors(await read(path), path);
  const weightOf = (key: string, shape: readonly number[]): Float32Array => {
    const stored = tensors.get(key);
    if (stored === undefined) {
      throw new ArgminError(
        "model/weights",
        `${path} has no ${key}, which the model ${model.name} wants; it was saved from another model.`,
      );
    }
    if (!sameShape(stored.shape, shape)) {
      throw new ArgminError(
        "model/weights",
        `The ${key} of ${path} is [${stored.shape.join(", ")}], the model ${model.name} wants [${shape.join(", ")}].`,
      );
    }
    return stored.data;
  };
  const weights = model.weights.map(({ name, shape }) => ({ weight: name, data: weightOf(name, shape) }));
  for (const key of tensors.keys()) {
    if (!key.startsWith(SLOT_PREFIX) && !model.weights.some(({ name }) => name === key)) {
      throw new ArgminError(
        "model/weights",
        `${path} has a ${key}, which the model ${model.name} has not; it was saved from another model.`,
      );
    }
  }
  if (expected === undefined || metadata["training"] === undefined) return { tensors: weights, training: undefined };
  const training = parseTraining(metadata["training"], path);
  if (training.optimizer !== expected.optimizer || training.slots.join() !== expected.slots.join()) {
    throw new ArgminError(
      "model/weights",
      `${path} goes on with ${describe(training)}, this trainer has ${describe(expected)}; load with { optimizer: false } to take the weights alone.`,
    );
  }
  for (const [name, value] of Object.entries(expected.units)) {
    if (training.units[name] === value) continue;
    throw new ArgminError(
      "model/weights",
      `${path} goes on with ${training.optimizer} of ${name} ${training.units[name] ?? "unknown"}, this trainer has ${value}; set the same, or load with { optimizer: false } to take the weights alone.`,
    );
  }
  const slots = training.slots.flatMap((slot) =>
    model.weights
      .filter(isTrained)
      .map(({ name, shape }) => ({ weight: name, slot, data: weightOf(slotKey(slot, name), shape) })),
  );
  return { tensors: [...weights, ...slots], training };
}

/**
 * The weights of a .safetensors file by name, for a model: a training's that could go on serves as well.
 *
 * @throws ArgminError `data/missing`, `checkpoint/corrupt`, or `model/weights` if it was saved from another model.
 */
export async function readWeights(path: string, model: AnyModel): Promise<ReadonlyMap<string, Float32Array>> {
  const { tensors } = await readCheckpoint(path, model, undefined);
  return new Map(tensors.map(({ weight, data }) => [weight, data]));
}

const SLOT_PREFIX = "optimizer/";

function slotKey(slot: string, weight: string): string {
  return `${SLOT_PREFIX}${slot}/${weight}`;
}

function describe({ optimizer, slots }: Pick<SavedTraining, "optimizer" | "slots">): string {
  return `${optimizer} (${slots.join(", ") || "no slots"})`;
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ArgminError("data/missing", `Cannot read the checkpoint ${path}: ${messageOf(error)}.`, { cause: error });
  }
}
