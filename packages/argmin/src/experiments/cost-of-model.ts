import { summarizeModel, type Model, type OptimizerSettings } from "@argmin/nn";
import type { Cost } from "../experiment.ts";

/** What the training of a network costs, as far as it is known before. */
export function costOfModel<Output extends string>(
  model: Model<Output>,
  step: { readonly batchSize: number; readonly optimizer: OptimizerSettings },
): Cost {
  const summary = summarizeModel(model, step);
  return {
    parameters: summary.parameters,
    flops: summary.flops.forward,
    // Half a second's work, done only if nothing else is too much.
    get memoryBytes() {
      return summary.memory.process;
    },
  };
}
