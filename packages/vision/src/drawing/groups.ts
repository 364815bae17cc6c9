import type { NetworkNode } from "./network-graph.ts";

/** Layers whose names begin alike and that follow one another: `stage1`, and in it `stage1_res2`. */
export interface Group {
  /** The parts of the names that they share. */
  readonly path: readonly string[];
  /** The first and the last node; all between belong to it. */
  readonly first: number;
  readonly last: number;
}

/** The groups of a network of one and two parts of a name, outer ones first. */
export function groupsOf(nodes: readonly NetworkNode[]): readonly Group[] {
  return [1, 2].flatMap((depth) => groupsOfDepth(nodes, depth));
}

/** Whether a node stands in a group. */
export function isIn(index: number, { first, last }: Group): boolean {
  return first <= index && index <= last;
}

function groupsOfDepth(nodes: readonly NetworkNode[], depth: number): readonly Group[] {
  const found = new Map<string, number[]>();
  nodes.forEach(({ name, layers }, index) => {
    const path = pathOf(name).slice(0, depth);
    if (layers === 0 || path.length < depth) return;
    const key = path.join("/");
    const members = found.get(key) ?? [];
    found.set(key, [...members, index]);
  });
  return [...found].flatMap(([key, members]): readonly Group[] => {
    const [first, last] = [members[0]!, members.at(-1)!];
    const isWhole = last - first + 1 === members.length;
    // A pair of layers needs no frame of its own.
    return isWhole && members.length > 2 ? [{ path: key.split("/"), first, last }] : [];
  });
}

/** The parts of a name; those of `dense_1` and `conv2d_12` are numbers of layers without names, and say nothing. */
export function pathOf(name: string): readonly string[] {
  if (/^[a-z][A-Za-z0-9]*_\d+$/.test(name)) return [name];
  return name.split(/[_/.]+/).filter((part) => part !== "");
}

/** What is left of a name inside a group: the group's own name for what is the group itself, and nothing if that is but a number. */
export function nameInside(name: string, group: Group | undefined): string {
  if (group === undefined) return name;
  const rest = pathOf(name).slice(group.path.length).join("_");
  const last = group.path.at(-1)!;
  if (rest !== "") return rest;
  return /^\d+$/.test(last) ? "" : last;
}
