import { ArgminError } from "@argmin/base";
import { sizeOf, type Shape } from "../graph/value.ts";
import type { AnyModel } from "../layers/model.ts";
import type { InputType } from "./graphs.ts";
import type { TargetForm, TrainedOutput } from "./outputs.ts";

/** Values of examples, row-major, one example after the other; uint8 pixels are divided by 255 on the way in. */
export type ExampleValues = Float32Array | Uint8Array;

/** Images or other features, under either name. */
export type ExampleInputs = { readonly images: ExampleValues } | { readonly features: ExampleValues };

/** A list of labels, or one an output by the outputs' names: class indices, one an example, or one number a unit. */
export type Labels<Output extends string = never> = [Output] extends [never]
  ? ArrayLike<number>
  : Readonly<Record<Output, ArrayLike<number>>>;

/**
 * Examples to learn from or to be judged by.
 *
 * A set of labelled images fits as it is, and `{ ...set, indices: fold.training }` is a part of it without a copy.
 */
export type Examples<Output extends string = never> = ExampleInputs & {
  /** Class indices, one an example, for categorical cross-entropy; else one number a unit of the output. */
  readonly labels: Labels<Output>;
  /** The examples to use, by their position; default all. */
  readonly indices?: Uint32Array;
};

/** Checked examples. */
export interface ParsedExamples {
  readonly values: ExampleValues;
  readonly inputType: InputType;
  /** Numbers an example. */
  readonly size: number;
  /** One list an output of the model. */
  readonly labels: readonly ArrayLike<number>[];
  /** Positions of the examples, or undefined for all of `count`. */
  readonly indices: Uint32Array | undefined;
  readonly count: number;
}

/** Examples as they are given, of a model of any outputs. */
type GivenExamples = ExampleInputs & {
  readonly labels: ArrayLike<number> | Readonly<Record<string, ArrayLike<number>>>;
  readonly indices?: Uint32Array;
};

/**
 * Looks through examples as they are given.
 *
 * @param what - What the messages call them: "training", "validation".
 * @throws ArgminError `value/invalid` if they are none, do not fit the model, or hold a label or an index out of range.
 */
export function parseExamples(
  examples: GivenExamples,
  model: AnyModel,
  outputs: readonly TrainedOutput[],
  what: string,
): ParsedExamples {
  const { values, count: total, ...inputs } = parseInputs(examples, model.inputShape, what);
  const { indices } = examples;
  const labels = outputs.map((output) => labelsOf(examples, output, what));
  if (indices !== undefined && !(indices instanceof Uint32Array)) {
    throw invalid(`The ${what} indices must be a Uint32Array.`);
  }
  outputs.forEach(({ name, target }, i) => {
    const wanted = total * labelsEach(target);
    if (labels[i]!.length === wanted) return;
    const kind = name === undefined ? "" : `${name} `;
    throw invalid(`The ${what} set has ${total} examples and ${labels[i]!.length} ${kind}labels; it wants ${wanted}.`);
  });
  const count = indices?.length ?? total;
  if (count === 0) throw invalid(`The ${what} set is empty; give at least one example.`);
  const outside = indices?.find((index) => index >= total);
  if (outside !== undefined) throw invalid(`The ${what} indices name example ${outside} of ${total}; they count from 0.`);
  outputs.forEach((output, i) => checkLabels(labels[i]!, output, indices, count, what));
  return { values, ...inputs, labels, indices, count };
}

function labelsOf({ labels }: GivenExamples, { name }: TrainedOutput, what: string): ArrayLike<number> {
  if (name === undefined) {
    if (isArrayLike(labels)) return labels;
    throw invalid(`The ${what} set has no labels; give a list of them beside its inputs.`);
  }
  const own = typeof labels === "object" && !isArrayLike(labels) ? labels?.[name] : undefined;
  if (isArrayLike(own)) return own;
  throw invalid(`The ${what} set has no labels for the output ${name}; give a list of them for each output, by name.`);
}

function isArrayLike(value: unknown): value is ArrayLike<number> {
  return typeof value === "object" && value !== null && "length" in value && typeof value.length === "number";
}

function labelsEach({ units, isIndex }: TargetForm): number {
  return isIndex ? 1 : units;
}

function checkLabels(
  labels: ArrayLike<number>,
  output: TrainedOutput,
  indices: Uint32Array | undefined,
  count: number,
  what: string,
): void {
  const wanted = labelRule(output);
  const each = labelsEach(output.target);
  const kind = output.name === undefined ? "" : `${output.name} `;
  for (let i = 0; i < count; i++) {
    const example = indices === undefined ? i : indices[i]!;
    for (let j = example * each; j < (example + 1) * each; j++) {
      const label = labels[j]!;
      if (!wanted.holds(label))
        throw invalid(`The ${what} set has the ${kind}label ${label} at example ${example}; ${wanted.text}.`);
    }
  }
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

/**
 * The share of examples in the most frequent class of an output's labels: what guessing gets. Undefined where there are no classes.
 */
export function majorityShare(
  labels: ArrayLike<number>,
  { indices, count }: ParsedExamples,
  { units, isIndex }: TargetForm,
): number | undefined {
  if (!isIndex && units !== 1) return undefined;
  const frequencies = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const label = labels[indices === undefined ? i : indices[i]!]!;
    frequencies.set(label, (frequencies.get(label) ?? 0) + 1);
  }
  return Math.max(...frequencies.values()) / count;
}

function labelRule({ kind, target: { units, isIndex } }: TrainedOutput): { holds: (label: number) => boolean; text: string } {
  if (isIndex) {
    const holds = (label: number): boolean => Number.isInteger(label) && label >= 0 && label < units;
    return { holds, text: `the model has ${units} classes, so labels go from 0 to ${units - 1}` };
  }
  if (kind === "binaryCrossentropy") {
    return { holds: (label) => label >= 0 && label <= 1, text: "binary cross-entropy wants labels between 0 and 1" };
  }
  return { holds: Number.isFinite, text: "a finite number is wanted" };
}

function invalid(message: string): ArgminError {
  return new ArgminError("value/invalid", message);
}
