import { ArgminError } from "@argmin/base";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import type { ActivationName } from "../layers/activations.ts";

/** Keras's losses, in camel case. */
export type LossName = keyof typeof forms;

/**
 * A loss in the form that suits a model's last activation.
 *
 * The training graph holds only its gradient, written out; its value is summed on the host in float64 from the predictions,
 * which saves a small step a dozen nodes and weights a smaller last batch exactly.
 */
export interface LossForm {
  /** Which end of the model the loss looks at: what comes out of the last activation, or what goes into it. */
  readonly from: "preActivation" | "output";
  /** Predictions above this stand for "yes" where each unit is a yes or no of its own; undefined: the largest unit wins. */
  readonly threshold: number | undefined;
  /** Gradient to the predictions, `[batch, unit]`, of the mean loss of the batch. */
  readonly gradient: (builder: GraphBuilder, prediction: Value, target: Value) => Value;
  /** The sum of the losses of the examples from `first`, in rows of `units`. */
  readonly sum: (prediction: Float32Array, target: Float32Array, rows: number, units: number) => number;
}

/** Keras's fuzz: probabilities stay this far from 0 and 1 where a logarithm follows. */
const EPSILON = 1e-7;

const forms = {
  /** -Σ t log p: the softmax and the logarithm as one where softmax comes last, else p is brought to sum 1 and clipped. */
  categoricalCrossentropy: (activation) => (activation === "softmax" ? softmaxCrossentropy : clippedCrossentropy),
  /** Mean over the units of -(t log p + (1 - t) log(1 - p)), from the logits where sigmoid comes last, else clipped. */
  binaryCrossentropy: (activation) => (activation === "sigmoid" ? sigmoidCrossentropy : clippedBinaryCrossentropy),
  /** Mean over the units of (p - t)². */
  meanSquaredError: () => squaredError,
} as const satisfies { readonly [name: string]: (activation: ActivationName) => LossForm };

/** The names of all losses. */
export const lossNames = Object.freeze(Object.keys(forms));

/** @throws ArgminError `model/invalid` if there is no such loss. */
export function lossForm(loss: LossName, activation: ActivationName): LossForm {
  if (!Object.hasOwn(forms, loss)) {
    throw new ArgminError("model/invalid", `There is no loss "${loss as string}"; choose one of ${lossNames.join(", ")}.`);
  }
  return forms[loss](activation);
}

const softmaxCrossentropy: LossForm = {
  from: "preActivation",
  threshold: undefined,
  gradient: ({ op }, logits, target) => op.Mul(op.Sub(op.Softmax(logits, 1), target), 1 / logits.shape[0]!),
  sum: (logits, target, rows, units) => {
    let total = 0;
    for (let row = 0; row < rows * units; row += units) {
      let largest = -Infinity;
      for (let i = row; i < row + units; i++) largest = logits[i]! > largest ? logits[i]! : largest;
      let exponentials = 0;
      for (let i = row; i < row + units; i++) exponentials += Math.exp(logits[i]! - largest);
      const logSum = largest + Math.log(exponentials);
      for (let i = row; i < row + units; i++) if (target[i] !== 0) total += target[i]! * (logSum - logits[i]!);
    }
    return total;
  },
};

const clippedCrossentropy: LossForm = {
  from: "output",
  threshold: undefined,
  // With q = p / Σp and one-hot t: d/dp = inside · (Σt / Σp - t / p), where `inside` gates the classes whose q was clipped.
  gradient: ({ op }, output, target) => {
    const sum = op.ReduceSum(output, { axes: [1], keepdims: true });
    const share = op.Div(output, sum);
    const clipped = op.Clip(share, EPSILON, 1 - EPSILON);
    const inside = op.Cast(op.Equal(share, clipped), "float32");
    const counted = op.Mul(target, inside);
    const difference = op.Sub(op.ReduceSum(counted, { axes: [1], keepdims: true }), op.Div(counted, clipped));
    return op.Div(difference, op.Mul(sum, output.shape[0]!));
  },
  sum: (output, target, rows, units) => {
    let total = 0;
    for (let row = 0; row < rows * units; row += units) {
      let sum = 0;
      for (let i = row; i < row + units; i++) sum += output[i]!;
      for (let i = row; i < row + units; i++) if (target[i] !== 0) total -= target[i]! * Math.log(clip(output[i]! / sum));
    }
    return total;
  },
};

const sigmoidCrossentropy: LossForm = {
  from: "preActivation",
  threshold: 0,
  gradient: ({ op }, logits, target) => op.Mul(op.Sub(op.Sigmoid(logits), target), 1 / (logits.shape[0]! * logits.shape[1]!)),
  sum: (logits, target, rows, units) => {
    let total = 0;
    for (let i = 0; i < rows * units; i++) {
      const z = logits[i]!;
      // log(1 + e^z) - t z without overflow.
      total += Math.max(z, 0) - z * target[i]! + Math.log1p(Math.exp(-Math.abs(z)));
    }
    return total / units;
  },
};

const clippedBinaryCrossentropy: LossForm = {
  from: "output",
  threshold: 0.5,
  gradient: ({ op }, output, target) => {
    const clipped = op.Clip(output, EPSILON, 1 - EPSILON);
    const inside = op.Cast(op.Equal(output, clipped), "float32");
    const variance = op.Mul(clipped, op.Sub(1, clipped));
    return op.Mul(op.Div(op.Sub(clipped, target), variance), op.Mul(inside, 1 / (output.shape[0]! * output.shape[1]!)));
  },
  sum: (output, target, rows, units) => {
    let total = 0;
    for (let i = 0; i < rows * units; i++) {
      const p = clip(output[i]!);
      total -= target[i]! * Math.log(p) + (1 - target[i]!) * Math.log(1 - p);
    }
    return total / units;
  },
};

const squaredError: LossForm = {
  from: "output",
  threshold: undefined,
  gradient: ({ op }, output, target) => op.Mul(op.Sub(output, target), 2 / (output.shape[0]! * output.shape[1]!)),
  sum: (output, target, rows, units) => {
    let total = 0;
    for (let i = 0; i < rows * units; i++) total += (output[i]! - target[i]!) ** 2;
    return total / units;
  },
};

/** NaN passes through, so that a diverged network is seen. */
function clip(p: number): number {
  return p < EPSILON ? EPSILON : p > 1 - EPSILON ? 1 - EPSILON : p;
}
