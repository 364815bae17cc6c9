/**
 * @file A network as it is drawn: what a model of `@argmin/nn` and an .onnx file are both turned into.
 */

/** What a layer is by and large: its colour in drawings. */
export type Category =
  | "input"
  | "output"
  | "convolution"
  | "dense"
  | "normalization"
  | "pooling"
  | "activation"
  | "merge"
  | "dropout"
  | "other";

/** Sizes of a tensor of one example; a name stands for a size that is open. */
export type DrawnShape = readonly (number | string)[];

/** A layer, or several that are drawn as one. */
export interface NetworkNode {
  /** As in checkpoints; parts are set apart by `_`, `/` or `.`: `stage1_res2_conv`. */
  readonly name: string;
  /** What it does, in words: "Convolution 3 × 3, elu". */
  readonly title: string;
  readonly category: Category;
  /** What else happens in it, in words: "batch norm". */
  readonly notes: readonly string[];
  /** Of what comes out; undefined if that is not known. */
  readonly shape: DrawnShape | undefined;
  /** Numbers that training learns. */
  readonly parameters: number;
  /** Floating-point operations of the forward pass over one example; undefined if that is not known. */
  readonly flops: number | undefined;
  /** Whose outputs it takes: places in the list of nodes, all before its own. */
  readonly from: readonly number[];
  /** Of how many layers it is made. */
  readonly layers: number;
}

/** A network to be drawn: nodes from inputs to outputs, each after those it needs. */
export interface NetworkGraph {
  readonly name: string;
  readonly nodes: readonly NetworkNode[];
}

/** The sum of all nodes' parameters. */
export function parametersOf({ nodes }: NetworkGraph): number {
  return nodes.reduce((sum, { parameters }) => sum + parameters, 0);
}

/** The operations of all nodes; undefined if those of a convolution or a dense layer, which have most of them, are not known. */
export function flopsOf({ nodes }: NetworkGraph): number | undefined {
  const isUnknown = nodes.some(
    ({ category, flops }) => flops === undefined && (category === "convolution" || category === "dense"),
  );
  return isUnknown ? undefined : nodes.reduce((sum, { flops }) => sum + (flops ?? 0), 0);
}

/** Which nodes take each node's output. */
export function consumersOf(nodes: readonly NetworkNode[]): readonly (readonly number[])[] {
  const consumers: number[][] = nodes.map(() => []);
  nodes.forEach(({ from }, index) => {
    for (const source of new Set(from)) consumers[source]!.push(index);
  });
  return consumers;
}
