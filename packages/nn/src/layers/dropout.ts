import { ArgminError } from "@argmin/base";
import { makeLayer, onlyInput, type Layer, type LayerOptions } from "./layer.ts";

/**
 * In training, sets a share `rate` of the elements to zero and multiplies the others by 1 / (1 - rate) (Srivastava et al.,
 * 2014); otherwise changes nothing.
 *
 * @throws ArgminError `model/invalid` unless the rate is at least 0 and below 1.
 */
export function dropout(rate: number, options: LayerOptions = {}): Layer {
  if (!(Number.isFinite(rate) && rate >= 0 && rate < 1)) {
    throw new ArgminError("model/invalid", `The rate of a dropout layer must be at least 0 and below 1, not ${rate}.`);
  }
  return makeLayer({
    kind: "dropout",
    name: options.name,
    plan: (inputs) => ({
      outputShape: onlyInput(inputs),
      weights: [],
      activation: "linear",
      dropoutRate: rate,
      cost: { multiplyAdds: 0, others: 0 },
      emit: ({ builder: { op }, mask }, [x]) => (mask === undefined ? x! : op.Mul(x!, mask)),
    }),
  });
}
