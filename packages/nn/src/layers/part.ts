import { ArgminError } from "@argmin/base";
import { layOutWeights, type AnyModel, type Model, type ModelCall } from "./model.ts";

/**
 * The part of a model that leads to one of its layers, after its activation: that is the part's only output. Layers and weights keep
 * their names. Of a layer that is called several times it is the last call.
 *
 * @throws ArgminError `model/invalid`, naming the layers there are, if there is none of that name.
 */
export function partUpTo(model: AnyModel, layer: string): Model {
  const last = model.calls.findLastIndex(({ name }) => name === layer);
  const end = model.calls[last];
  if (end === undefined) {
    const names = [...new Set(model.calls.map(({ name }) => name))];
    throw new ArgminError("model/invalid", `The model ${model.name} has no layer ${layer}; it has ${names.join(", ")}.`);
  }
  const kept = callsBefore(model.calls, last);
  const calls = kept.map((index): ModelCall => {
    const { definition, inputs, plan, name, from } = model.calls[index]!;
    return { definition, inputs, plan, name, from: from.map((source) => (source < 0 ? source : kept.indexOf(source))) };
  });
  const weights = layOutWeights(calls);
  return Object.freeze({
    name: `${model.name} up to ${layer}`,
    inputShape: model.inputShape,
    outputs: [{ name: undefined, shape: end.plan.outputShape, call: calls.length - 1 }],
    calls,
    weights,
    weightCount: weights.reduce((sum, { size }) => sum + size, 0),
  });
}

/** The places of a call and of all that it needs, in order. */
function callsBefore(calls: readonly ModelCall[], last: number): readonly number[] {
  const needed = new Set([last]);
  for (let index = last; index >= 0; index--) {
    if (needed.has(index)) for (const source of calls[index]!.from) needed.add(source);
  }
  return [...needed].filter((index) => index >= 0).toSorted((a, b) => a - b);
}
