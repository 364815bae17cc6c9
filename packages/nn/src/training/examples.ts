import { ArgminError } from "@argmin/base";
import { sizeOf, type Shape } from "../graph/value.ts";
import type { LossName } from "../losses/losses.ts";
import type { Model } from "../layers/model.ts";
import type { InputType } from "./graphs.ts";

/** Values of examples, row-major, one example after the other; uint8 pixels are divided by 255 on the way in. */
export type ExampleValues = Float32Array | Uint8Array;

/** Images or other features, under either name. */
export type ExampleInputs = { readonly images: ExampleValues } | { readonly features: ExampleValues };

/**
 * Examples to learn from or to be judged by.
 *
 * A set of labelled images fits as it is, and `{ ...set, indices: fold.training }` is a part of it without a copy.
 */
export type Examples = ExampleInputs & {
  /** Class indices, one an example, for categorical cross-entropy; else one number a unit of the output. */
  readonly labels: ArrayLike<number>;
  /** The examples to use, by their position; default all. */
  readonly indices?: Uint32Array;
};

/** Checked examples. */
export interface ParsedExamples {
  readonly values: ExampleValues;
  readonly inputType: InputType;
  /** Numbers an example. */
  readonly size: number;
  readonly labels: ArrayLike<number>;
  /** Positions of the examples, or undefined for all of `count`. */
  readonly indices: Uint32Array | undefined;
  readonly count: number;
}

/** How labels become targets. */
export interface TargetForm {
  readonly units: number;
  /** One class index an example, rather than one number a unit. */
  readonly isIndex: boolean;
}

/** How the labels of a model trained with `loss` become targets. */
export function targetFormOf(model: Model, loss: LossName): TargetForm {
  return { units: sizeOf(model.outputShape), isIndex: loss === "categoricalCrossentropy" };
}

/**
 * Looks through examples as they are given.
 *
 * @param what - What the messages call them: "training", "validation".
 * @throws ArgminError `value/invalid` if they are none, do not fit the model, or hold a label or an index out of range.
 */
export function parseExamples(
  examples: Examples,
  model: Model,
  target: TargetForm,
  loss: LossName,
  what: string,
): ParsedExamples {
  const { values, count: total, ...inputs } = parseInputs(examples, model.inputShape, what);
  const { labels, indices } = examples;
  if (typeof labels !== "object" || typeof labels.length !== "number") {
    throw invalid(`The ${what} set has no labels; give a list of them beside its inputs.`);
  }
  if (indices !== undefined && !(indices instanceof Uint32Array)) {
    throw invalid(`The ${what} indices must be a Uint32Array.`);
  }
  const perExample = target.isIndex ? 1 : target.units;
  if (labels.length !== total * perExample) {
    throw invalid(`The ${what} set has ${total} examples and ${labels.length} labels; it wants ${total * perExample}.`);
  }
  const count = indices?.length ?? total;
  if (count === 0) throw invalid(`The ${what} set is empty; give at least one example.`);
  const outside = indices?.find((index) => index >= total);
  if (outside !== undefined) throw invalid(`The ${what} indices name example ${outside} of ${total}; they count from 0.`);
  const wanted = labelRule(target, loss);
  for (let i = 0; i < count; i++) {
    const example = indices === undefined ? i : indices[i]!;
    for (let j = example * perExample; j < (example + 1) * perExample; j++) {
      const label = labels[j]!;
      if (!wanted.holds(label)) throw invalid(`The ${what} set has the label ${label} at example ${example}; ${wanted.text}.`);
    }
  }
  return { values, ...inputs, labels, indices, count };
}

/** @throws ArgminError `value/invalid` if the values are no whole number of examples. */
export function parseInputs(
  inputs: ExampleInputs,
  shape: Shape,
  what: string,
): { readonly values: ExampleValues; readonly inputType: InputType; readonly size: number; readonly count: number } {
  if (typeof inputs !== "object") throw invalid(`The ${what} set must be an object with images or features.`);
  const values = "images" in inputs ? inputs.images : inputs.features;
  if (!(values instanceof Float32Array || values instanceof Uint8Array)) {
    throw invalid(`The ${what} inputs must be a Float32Array or a Uint8Array.`);
  }
  const size = sizeOf(shape);
  if (values.length % size !== 0) {
    throw invalid(
      `The ${what} inputs hold ${values.length} numbers, which are no whole number of examples of [${shape.join(", ")}] (${size} each).`,
    );
  }
  return { values, inputType: values instanceof Uint8Array ? "uint8" : "float32", size, count: values.length / size };
}

/** The share of examples in the most frequent class: what guessing gets. Undefined where there are no classes. */
export function majorityShare({ labels, indices, count }: ParsedExamples, { units, isIndex }: TargetForm): number | undefined {
  if (!isIndex && units !== 1) return undefined;
  const frequencies = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const label = labels[indices === undefined ? i : indices[i]!]!;
    frequencies.set(label, (frequencies.get(label) ?? 0) + 1);
  }
  return Math.max(...frequencies.values()) / count;
}

function labelRule({ units, isIndex }: TargetForm, loss: LossName): { holds: (label: number) => boolean; text: string } {
  if (isIndex) {
    const holds = (label: number): boolean => Number.isInteger(label) && label >= 0 && label < units;
    return { holds, text: `the model has ${units} classes, so labels go from 0 to ${units - 1}` };
  }
  if (loss === "binaryCrossentropy") {
    return { holds: (label) => label >= 0 && label <= 1, text: "binary cross-entropy wants labels between 0 and 1" };
  }
  return { holds: Number.isFinite, text: "a finite number is wanted" };
}

function invalid(message: string): ArgminError {
  return new ArgminError("value/invalid", message);
}
