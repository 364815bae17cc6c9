import { ArgminError } from "@argmin/base";
import type { BoundRule } from "../optimizers/rules.ts";

/** A mean of the weights over the steps, in which each step counts `decay` times as much as the one after it (Polyak and Juditsky, 1992). */
export interface WeightAverage {
  /** At least 0 and below 1; 0.999 looks back about a thousand steps. */
  readonly decay: number;
}

/** The slot of the averaged weights. */
const AVERAGE = "average";

/**
 * A rule that keeps the average of the weights beside them, in a slot of its own: ā' = w' + δ (ā - w').
 *
 * The average is the model then, for all that looks at it: evaluation, prediction, exports and checkpoints. The weights that training
 * itself goes on with become one of the things kept beside it.
 *
 * The first step's weights are the first average, as in Keras and PyTorch, so that no first weights, drawn at random, are in it.
 *
 * @throws ArgminError `value/invalid` for a decay out of range.
 */
export function withAverage(rule: BoundRule, { decay }: WeightAverage): BoundRule {
  if (!(decay >= 0 && decay < 1)) {
    throw new ArgminError("value/invalid", `The decay of the weight average must be at least 0 and below 1, not ${decay}.`);
  }
  return {
    ...rule,
    slots: [...rule.slots, AVERAGE],
    modelSlot: AVERAGE,
    scalarCount: rule.scalarCount + 1,
    writeScalars: (target, learningRate, step, momentum) => {
      rule.writeScalars(target, learningRate, step, momentum);
      target[rule.scalarCount] = step === 1 ? 0 : decay;
    },
    update: (builder, weights) => {
      const { op } = builder;
      const next = rule.update(builder, { ...weights, slots: weights.slots.slice(0, -1) });
      const behind = op.Mul(op.Sub(weights.slots.at(-1)!, next.weight), weights.scalars[rule.scalarCount]!);
      return { weight: next.weight, slots: [...next.slots, op.Add(next.weight, behind)] };
    },
  };
}
