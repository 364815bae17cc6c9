import type { AnyModel } from "../layers/model.ts";
import { optimizerOf } from "../optimizers/optimizer.ts";
import { bindRule } from "../optimizers/rules.ts";
import { withAverage } from "./average.ts";
import { bucketsOf } from "./buckets.ts";
import { checkClipping } from "./clipping.ts";
import type { GraphParts } from "./graphs.ts";
import type { StepOptions } from "./options.ts";
import { trainedOutputs } from "./outputs.ts";

/**
 * What a model's graphs are built from.
 *
 * @throws ArgminError `model/invalid` if model, loss and metrics do not go together, `value/invalid` for settings out of range.
 */
export function graphPartsOf(model: AnyModel, options: StepOptions<string>): GraphParts {
  const { loss, metrics, gradientClipping: clipping, weightAverage } = options;
  const outputs = trainedOutputs(model, loss, metrics);
  if (clipping !== undefined) checkClipping(clipping);
  const bound = bindRule(optimizerOf(options.optimizer));
  const rule = weightAverage === undefined ? bound : withAverage(bound, weightAverage);
  return { model, outputs, rule, buckets: bucketsOf(model), clipping };
}
