import { groupsOf, isIn, type Group } from "./groups.ts";
import { consumersOf, type Category, type NetworkGraph, type NetworkNode } from "./network-graph.ts";

/**
 * The same network in fewer boxes: each inner group of layers (`stage1_res2`) is one, and normalization, dropout and activations are
 * notes on the layer before them.
 */
export function compactGraph(graph: NetworkGraph): NetworkGraph {
  return { ...graph, nodes: mergeLightLayers(mergeInnerGroups(graph.nodes)) };
}

function mergeInnerGroups(nodes: readonly NetworkNode[]): readonly NetworkNode[] {
  const groups = groupsOf(nodes).filter(({ path }) => path.length === 2);
  return contract(
    nodes,
    nodes.map((_, index) => groups.find((group) => isIn(index, group))?.first ?? index),
    (members, from) => (members.length === 1 ? { ...members[0]!, from } : blockOf(members, from)),
  );
}

function blockOf(members: readonly NetworkNode[], from: readonly number[]): NetworkNode {
  const last = members.at(-1)!;
  const layers = members.reduce((sum, node) => sum + node.layers, 0);
  const merges = members.filter(({ category }) => category === "merge");
  const kind = merges.some(({ title }) => title.startsWith("Sum"))
    ? "Residual block"
    : merges.length > 0
      ? "Parallel block"
      : "Block";
  const heaviest = members.reduce((most, node) => ((node.flops ?? 0) > (most.flops ?? 0) ? node : most));
  return {
    name: sharedName(members),
    title: `${kind}, ${layers} layers`,
    category: heaviest.category,
    notes: [],
    shape: last.shape,
    ...sums(members),
    from,
    layers,
  };
}

function sharedName(members: readonly NetworkNode[]): string {
  const group: Group | undefined = groupsOf(members).findLast(({ first, last }) => first === 0 && last === members.length - 1);
  return group?.path.join("_") ?? members[0]!.name;
}

/** What is noted on the layer before it instead of drawn. */
const lightCategories: ReadonlySet<Category> = new Set(["normalization", "dropout", "activation", "other"]);

function mergeLightLayers(nodes: readonly NetworkNode[]): readonly NetworkNode[] {
  const consumers = consumersOf(nodes);
  const owners: number[] = [];
  nodes.forEach((node, index) => {
    const [source, ...others] = node.from;
    const isLight = lightCategories.has(node.category) && source !== undefined && others.length === 0;
    const canOwn = isLight && consumers[source]!.length === 1 && nodes[source]!.layers > 0;
    owners.push(canOwn ? owners[source]! : index);
  });
  return contract(nodes, owners, ([owner, ...rest], from) => ({
    ...owner!,
    from,
    notes: [...owner!.notes, ...rest.flatMap(({ title, notes }) => [title.toLowerCase(), ...notes])],
    shape: (rest.at(-1) ?? owner!).shape,
    ...sums([owner!, ...rest]),
    layers: [owner!, ...rest].reduce((sum, { layers }) => sum + layers, 0),
  }));
}

/** A network in which nodes of one owner are one; `merge` says what that is. */
function contract(
  nodes: readonly NetworkNode[],
  owners: readonly number[],
  merge: (members: readonly NetworkNode[], from: readonly number[]) => NetworkNode,
): readonly NetworkNode[] {
  const kept = [...new Set(owners)].sort((a, b) => a - b);
  const places = new Map(kept.map((owner, place) => [owner, place]));
  return kept.map((owner, place) => {
    const members = nodes.filter((_, index) => owners[index] === owner);
    const sources = members.flatMap(({ from }) => from.map((source) => places.get(owners[source]!)!));
    return merge(
      members,
      [...new Set(sources)].filter((source) => source !== place),
    );
  });
}

function sums(members: readonly NetworkNode[]): Pick<NetworkNode, "parameters" | "flops"> {
  const known = members.flatMap(({ flops }) => flops ?? []);
  return {
    parameters: members.reduce((sum, { parameters }) => sum + parameters, 0),
    flops: known.length === 0 ? undefined : known.reduce((sum, flops) => sum + flops, 0),
  };
}
