import { ArgminError } from "@argmin/base";
import { sameShape, sizeOf, type Shape } from "../graph/value.ts";
import { makeLayer, type Layer, type LayerOptions } from "./layer.ts";

/** The sum, element by element, of tensors of one shape. */
export function add(options: LayerOptions = {}): Layer {
  return makeLayer({
    kind: "add",
    name: options.name,
    plan: (inputs) => {
      const first = severalInputs(inputs);
      const other = inputs.find((shape) => !sameShape(shape, first));
      if (other !== undefined) {
        throw new ArgminError(
          "model/invalid",
          `cannot add [${other.join(", ")}] to [${first.join(", ")}]; their shapes must be equal.`,
        );
      }
      return {
        outputShape: first,
        weights: [],
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: 0, others: sizeOf(first) * (inputs.length - 1) },
        emit: ({ builder: { op } }, values) => values.reduce((sum, value) => op.Add(sum, value)),
      };
    },
  });
}

/** Tensors put one after the other along their first axis: channels of images, or features. */
export function concatenate(options: LayerOptions = {}): Layer {
  return makeLayer({
    kind: "concatenate",
    name: options.name,
    plan: (inputs) => {
      const first = severalInputs(inputs);
      const other = inputs.find((shape) => !sameShape(shape.slice(1), first.slice(1)));
      if (other !== undefined) {
        throw new ArgminError(
          "model/invalid",
          `cannot join [${other.join(", ")}] to [${first.join(", ")}]; all axes but the first must be equal.`,
        );
      }
      return {
        outputShape: [inputs.reduce((sum, [size = 0]) => sum + size, 0), ...first.slice(1)],
        weights: [],
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: 0, others: 0 },
        emit: ({ builder: { op } }, values) => op.Concat(values, 1),
      };
    },
  });
}

function severalInputs(inputs: readonly Shape[]): Shape {
  const [first] = inputs;
  if (first === undefined || inputs.length < 2)
    throw new ArgminError("model/invalid", `takes at least two inputs, not ${inputs.length}.`);
  return first;
}
