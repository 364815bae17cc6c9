import { ArgminError } from "@argmin/base";
import { sizeOf } from "../graph/value.ts";
import type { AnyModel, ModelOutput } from "../layers/model.ts";
import { lossForm, type LossForm, type LossName } from "../losses/losses.ts";

/** Metrics beside the loss. */
export type MetricName = "accuracy";

/** A loss and how it is taken. */
export interface LossSettings {
  readonly kind: LossName;
  /** Its share of the loss that training lowers. Default 1. */
  readonly weight?: number;
  /**
   * Moves this share of each target away from yes and no: evenly to all classes, or towards one half (Szegedy et al., 2016). For the
   * cross-entropies. Default 0.
   */
  readonly labelSmoothing?: number;
}

/** A loss by its name, or with settings. */
export type Loss = LossName | LossSettings;

/** One for all outputs, or one each by the outputs' names. */
export type ByOutput<Output extends string, T> = [Output] extends [never] ? T : T | Readonly<Record<Output, T>>;

/** How labels become targets. */
export interface TargetForm {
  readonly units: number;
  /** One class index an example, rather than one number a unit. */
  readonly isIndex: boolean;
  /** Share of a target that is moved away from yes and no. */
  readonly labelSmoothing: number;
}

/** An output of a model with what it is trained by. */
export interface TrainedOutput {
  /** Undefined for the only output of a model whose outputs have no names. */
  readonly name: string | undefined;
  readonly kind: LossName;
  readonly loss: LossForm;
  readonly weight: number;
  readonly target: TargetForm;
  readonly hasAccuracy: boolean;
}

/**
 * The outputs of a model with their losses and metrics, checked.
 *
 * @param metrics - Undefined: accuracy for the cross-entropies.
 * @throws ArgminError `model/invalid` where output, loss and metrics do not go together, `value/invalid` for settings out of range.
 */
export function trainedOutputs(
  model: AnyModel,
  loss: Loss | Readonly<Record<string, Loss>>,
  metrics: readonly MetricName[] | Readonly<Record<string, readonly MetricName[]>> | undefined,
): readonly TrainedOutput[] {
  return model.outputs.map((output) => {
    const own = isLoss(loss, model) ? loss : ofOutput(model, output, loss, "loss");
    const counted = metrics === undefined || isList(metrics) ? metrics : ofOutput(model, output, metrics, "list of metrics");
    return trainedOutput(model, output, typeof own === "object" ? own : { kind: own }, counted);
  });
}

/** Whether a loss is one for all outputs: a record has a loss under "kind" only where an output is called that. */
function isLoss(given: Loss | Readonly<Record<string, Loss>>, { outputs }: AnyModel): given is Loss {
  return typeof given !== "object" || (typeof given["kind"] === "string" && outputs.every(({ name }) => name !== "kind"));
}

function isList(given: object): given is readonly MetricName[] {
  return Array.isArray(given);
}

function ofOutput<T>({ outputs }: AnyModel, { name }: ModelOutput, given: Readonly<Record<string, T>>, what: string): T {
  const names = outputs.flatMap((output) => output.name ?? []);
  const other = Object.keys(given).find((key) => !names.includes(key));
  if (other !== undefined) {
    throw new ArgminError(
      "model/invalid",
      `There is a ${what} for "${other}", which is no output of the model; ${names.length === 0 ? "its only one has no name" : `it has ${names.join(", ")}`}.`,
    );
  }
  const one = name === undefined ? undefined : given[name];
  if (one === undefined) throw new ArgminError("model/invalid", `The output ${name ?? ""} has no ${what}; give it one.`);
  return one;
}

function trainedOutput(
  model: AnyModel,
  output: ModelOutput,
  { kind, weight = 1, labelSmoothing = 0, ...others }: LossSettings,
  metrics: readonly MetricName[] | undefined,
): TrainedOutput {
  const loss = lossForm(kind, model.calls[output.call]!.plan.activation);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new ArgminError("value/invalid", `A loss has no setting ${unknown}; it has kind, weight, labelSmoothing.`);
  }
  if (!(weight >= 0 && weight < Infinity)) {
    throw new ArgminError("value/invalid", `The weight of a loss must be a finite number, at least 0, not ${weight}.`);
  }
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new ArgminError("value/invalid", `Label smoothing must be at least 0 and below 1, not ${labelSmoothing}.`);
  }
  if (labelSmoothing > 0 && kind === "meanSquaredError") {
    throw new ArgminError(
      "model/invalid",
      "The mean squared error has no label smoothing; leave it out or take a cross-entropy.",
    );
  }
  checkUnits(model, output, kind);
  return {
    name: output.name,
    kind,
    loss,
    weight,
    target: { units: sizeOf(output.shape), isIndex: kind === "categoricalCrossentropy", labelSmoothing },
    hasAccuracy: countsAccuracy(kind, metrics),
  };
}

function checkUnits(model: AnyModel, { name, shape }: ModelOutput, kind: LossName): void {
  const owner = name === undefined ? `The model ${model.name}` : `The output ${name} of the model ${model.name}`;
  if (shape.length !== 1) {
    throw new ArgminError(
      "model/invalid",
      `${owner} gives [${shape.join(", ")}] an example; a loss wants a list of units, so end with flatten or dense.`,
    );
  }
  if (kind === "categoricalCrossentropy" && sizeOf(shape) < 2) {
    throw new ArgminError(
      "model/invalid",
      "Categorical cross-entropy wants one output unit a class, at least 2; for yes or no with one unit take binaryCrossentropy.",
    );
  }
}

const metricNames: readonly MetricName[] = ["accuracy"];

function countsAccuracy(kind: LossName, metrics: readonly MetricName[] | undefined): boolean {
  if (metrics === undefined) return kind !== "meanSquaredError";
  if (!isList(metrics) || !metrics.every((name) => metricNames.includes(name))) {
    throw new ArgminError(
      "value/invalid",
      `The metrics must be a list of ${metricNames.join(", ")}, or an empty one, not ${JSON.stringify(metrics)}.`,
    );
  }
  const hasAccuracy = metrics.includes("accuracy");
  if (hasAccuracy && kind === "meanSquaredError") {
    throw new ArgminError(
      "model/invalid",
      "The mean squared error has no accuracy; leave the metric out or take a cross-entropy.",
    );
  }
  return hasAccuracy;
}
