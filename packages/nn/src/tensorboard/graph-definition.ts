import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { AnyModel, ModelCall } from "../layers/model.ts";
import { integer, message, single, text } from "../protobuf/fields.ts";
import { writeShape } from "./event.ts";

/** A node of TensorBoard's picture of a network. */
export interface GraphNode {
  /** With slashes: what stands before one is a box that opens. */
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  /** With the batch, -1, in front where it has one. */
  readonly shape: readonly number[];
  readonly attributes: Readonly<Record<string, number>>;
}

/**
 * A model as TensorBoard's page of graphs shows it: a box a layer, of that layer's name, in which are its weights, what it does with
 * them and its activation; all with their shapes.
 */
export function graphNodes(model: AnyModel): readonly GraphNode[] {
  const names = new Names(model.calls.map(({ name }) => name));
  const input = names.take("input");
  const nodes: GraphNode[] = [{ name: input, op: "Placeholder", inputs: [], shape: [-1, ...model.inputShape], attributes: {} }];
  const results: string[] = [];
  const seen = new Set<string>();
  for (const call of model.calls) {
    const inputs = call.from.map((source) => (source === -1 ? input : results[source]!));
    const isFirst = !seen.has(call.name);
    seen.add(call.name);
    const added = nodesOf(call, inputs, names, isFirst);
    nodes.push(...added);
    results.push(added.at(-1)!.name);
  }
  for (const { name, shape, call } of model.outputs)
    nodes.push({
      name: names.take(name === undefined ? "output" : `output/${name}`),
      op: "Identity",
      inputs: [results[call]!],
      shape: [-1, ...shape],
      attributes: {},
    });
  return nodes;
}

/** The nodes of a layer's call; the last one gives its result. */
function nodesOf(call: ModelCall, inputs: readonly string[], names: Names, isFirst: boolean): readonly GraphNode[] {
  const { name, definition, plan } = call;
  const isActivation = definition.kind === "activation";
  const isActive = plan.activation !== "linear" || isActivation;
  // A layer of a single node is that node, without a box around it.
  const isAlone = plan.weights.length === 0 && isActivation === isActive;
  const within = (part: string): string => (isAlone ? names.again(name, isFirst) : names.take(`${name}/${part}`));
  const shape = [-1, ...plan.outputShape];
  const weights = plan.weights.map((weight) => ({ name: `${name}/${weight.key}`, shape: weight.shape }));
  const nodes: GraphNode[] = isFirst
    ? weights.map((weight) => ({ ...weight, op: "VariableV2", inputs: [], attributes: {} }))
    : [];
  if (!isActivation)
    nodes.push({
      name: within(definition.kind),
      op: capitalised(definition.kind),
      inputs: [...inputs, ...weights.map((weight) => weight.name)],
      shape,
      attributes: { ...(plan.dropoutRate > 0 ? { rate: plan.dropoutRate } : {}), multiplyAdds: plan.cost.multiplyAdds },
    });
  if (isActive) {
    const before = nodes.at(-1);
    nodes.push({
      name: within(plan.activation),
      op: capitalised(plan.activation),
      inputs: before === undefined ? inputs : [before.name],
      shape,
      attributes: {},
    });
  }
  return nodes;
}

function capitalised(name: string): string {
  return `${name[0]!.toUpperCase()}${name.slice(1)}`;
}

/** Gives each node a name of its own. */
class Names {
  readonly #taken: Set<string>;

  constructor(layers: readonly string[]) {
    this.#taken = new Set(layers);
  }

  /** The name, or the first numbered one that is free. */
  take(name: string): string {
    let free = name;
    for (let i = 1; this.#taken.has(free); i++) free = `${name}_${i}`;
    this.#taken.add(free);
    return free;
  }

  /** The layer's own name for its first call; another for each that follows. */
  again(layer: string, isFirst: boolean): string {
    return isFirst ? layer : this.take(layer);
  }
}

const DT_FLOAT = 1;

/** The bytes of a GraphDef. */
export function encodeGraph(nodes: readonly GraphNode[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const node of nodes) message(writer, 1, () => writeNode(writer, node));
  message(writer, 4, () => integer(writer, 1, 1));
  return writer.finish();
}

function writeNode(writer: BinaryWriter, { name, op, inputs, shape, attributes }: GraphNode): void {
  text(writer, 1, name);
  text(writer, 2, op);
  for (const input of inputs) text(writer, 3, input);
  attribute(writer, "dtype", () => integer(writer, 6, DT_FLOAT));
  // Where TensorBoard looks for the sizes that it writes on the edges.
  attribute(writer, "_output_shapes", () => message(writer, 1, () => writeShape(writer, 7, shape)));
  for (const [key, value] of Object.entries(attributes))
    attribute(writer, key, () => (Number.isInteger(value) ? integer(writer, 3, value) : single(writer, 4, value)));
}

/** An entry of a node's attributes; `write` writes the AttrValue. */
function attribute(writer: BinaryWriter, key: string, write: () => void): void {
  message(writer, 5, () => {
    text(writer, 1, key);
    message(writer, 2, write);
  });
}
