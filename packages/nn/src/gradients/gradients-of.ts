import { ArgminError } from "@argmin/base";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { OpType } from "../graph/op.ts";
import { describeType } from "../graph/shapes.ts";
import { sameShape, sizeOf, type Value } from "../graph/value.ts";
import { gradientRules, isDifferentiable, type DifferentiableOp } from "./rules.ts";
import { sumTo } from "./rule.ts";

/**
 * Adds to the graph the gradients of `loss` with respect to each of `targets`, by reverse accumulation over the nodes built so
 * far. Each gradient has its target's shape; that of a target on which the loss does not depend is zeros.
 *
 * The nodes are named `gradients/<name of the forward node>/...`.
 *
 * @param loss - A float32 tensor of one element, or of any shape if `seed` is given.
 * @param targets - Float32 values of any kind.
 * @param seed - The gradient to `loss` itself, of its shape; default 1.
 * @throws ArgminError `graph/unsupported` if the loss is no scalar, or the seed of another shape.
 */
export function gradientsOf(builder: GraphBuilder, loss: Value, targets: readonly Value[], seed?: Value): readonly Value[] {
  if (seed !== undefined && !sameShape(seed.shape, loss.shape)) {
    throw new ArgminError("graph/unsupported", `The seed of a gradient is ${describeType(seed)}, wanted ${describeType(loss)}.`);
  }
  if (loss.dtype !== "float32" || (seed === undefined && sizeOf(loss.shape) !== 1)) {
    throw new ArgminError(
      "graph/unsupported",
      `Gradients are taken of a loss of one float32 element, not of ${describeType(loss)}; sum or average it first.`,
    );
  }
  return gradientsFrom(builder, [[loss, seed ?? ones(builder, loss)]], targets);
}

/**
 * Adds the gradients of several values at once, each given with the gradient to it, of its shape: those of a loss that depends on
 * all of them.
 */
export function gradientsFrom(
  builder: GraphBuilder,
  seeds: readonly (readonly [value: Value, gradient: Value])[],
  targets: readonly Value[],
): readonly Value[] {
  const forward = [...builder.nodes];
  const needed = valuesBetween(forward, targets);
  const gradients = new Map<Value, Value>();
  return builder.scope("gradients", () => {
    for (const [value, gradient] of seeds) if (needed.has(value)) accumulate(builder, gradients, value, gradient);
    for (const node of forward.toReversed()) {
      const leadsOn = isDifferentiable(node) && node.inputs.some((input) => needed.has(input));
      if (!leadsOn || !node.outputs.some((output) => gradients.has(output))) continue;
      builder.scope(node.name, () => backward(builder, node, needed, gradients));
    }
    return targets.map((target) => gradients.get(target) ?? zeros(builder, target));
  });
}

/** The float32 values that depend on a target, targets included: the only ones whose gradients lead anywhere. */
function valuesBetween(nodes: readonly Node[], targets: readonly Value[]): ReadonlySet<Value> {
  const needed = new Set(targets);
  for (const node of nodes) {
    if (!isDifferentiable(node) || !node.inputs.some((input) => needed.has(input))) continue;
    for (const output of node.outputs) if (output.dtype === "float32") needed.add(output);
  }
  return needed;
}

function backward<K extends OpType & DifferentiableOp>(
  builder: GraphBuilder,
  node: Node<K>,
  needed: ReadonlySet<Value>,
  gradients: Map<Value, Value>,
): void {
  const { op } = builder;
  const inputs: readonly Value[] = node.inputs;
  const outputGradients = node.outputs.map((output) => gradients.get(output) ?? null);
  const [y] = node.outputs;
  const results = gradientRules[node.op]({
    builder,
    op,
    node,
    inputs: node.inputs,
    attributes: node.attributes,
    y,
    dy: outputGradients[0] ?? zeros(builder, y),
    outputGradients,
    wanted: inputs.map((input) => needed.has(input)),
  });
  inputs.forEach((input, i) => {
    const result = results[i] ?? null;
    if (result === null || !needed.has(input)) return;
    accumulate(builder, gradients, input, sumTo(op, result, input.shape));
  });
}

function accumulate({ op }: GraphBuilder, gradients: Map<Value, Value>, value: Value, share: Value): void {
  const sum = gradients.get(value);
  gradients.set(value, sum === undefined ? share : op.Add(sum, share));
}

function ones(builder: GraphBuilder, like: Value): Value {
  return builder.constant([1], { shape: like.shape });
}

function zeros(builder: GraphBuilder, like: Value): Value {
  return builder.constant(new Float32Array(sizeOf(like.shape)), { shape: like.shape });
}
