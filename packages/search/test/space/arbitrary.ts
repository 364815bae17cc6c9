import { canonicalJson } from "@argmin/base";
import {
  type Assignment,
  compileSpace,
  domainOf,
  hp,
  quantile,
  type Space,
  type SpaceDefinition,
  type SpaceNode,
} from "@argmin/search";
import fc from "fast-check";

/** A recipe for a space: plain data, so that fast-check can shrink it. Numbers stand for parameters shared by all that use them. */
type Recipe =
  | { readonly kind: "constant"; readonly value: null | boolean | number | string }
  | { readonly kind: "fresh"; readonly node: number }
  | { readonly kind: "shared"; readonly index: number }
  | { readonly kind: "array"; readonly items: readonly Recipe[] }
  | { readonly kind: "object"; readonly members: Readonly<Record<string, Recipe>> }
  | {
      readonly kind: "choice";
      readonly isWeighted: boolean;
      readonly options: readonly (readonly ["bare" | "array" | "object", Recipe])[];
    };

type Nodes = readonly (() => SpaceNode<number>)[];

const anyNodes: Nodes = [
  () => hp.uniform(-1, 1),
  () => hp.quniform(0.1, 0.7, 0.1),
  () => hp.loguniform(-3, 3),
  () => hp.qloguniform(0, 4, 2),
  () => hp.normal(0, 2),
  () => hp.qnormal(0, 5, 0.5),
  () => hp.lognormal(0, 1),
  () => hp.qlognormal(1, 1, 1),
  () => hp.randint(5),
  () => hp.uniformint(-2, 2),
  () => hp.float(1e-4, 1, { log: true }),
  () => hp.float(0, 1, { step: 0.3 }),
  () => hp.int(1, 512, { log: true }),
  () => hp.int(4, 64, { step: 4 }),
];

const smallNodes: Nodes = [
  () => hp.randint(2),
  () => hp.int(1, 3),
  () => hp.quniform(0, 1, 0.5),
  () => hp.float(0.1, 0.3, { step: 0.2 }),
];

const keys = fc.constantFrom("a", "b", "c", "lr", "units");

function recipes(nodeCount: number, depth: number): fc.Arbitrary<Recipe> {
  const { tree } = fc.letrec<{ tree: Recipe; leaf: Recipe }>((tie) => ({
    leaf: fc.oneof(
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("constant" as const), value: fc.constantFrom(null, true, 1, "1", "text") }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("fresh" as const), node: fc.nat(nodeCount - 1) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("shared" as const), index: fc.nat(1) }) },
    ),
    tree: fc.oneof(
      { maxDepth: depth, withCrossShrink: true },
      tie("leaf"),
      fc.record({ kind: fc.constant("array" as const), items: fc.array(tie("tree"), { maxLength: 2 }) }),
      fc.record({ kind: fc.constant("object" as const), members: fc.dictionary(keys, tie("tree"), { maxKeys: 3 }) }),
      fc.record({
        kind: fc.constant("choice" as const),
        isWeighted: fc.boolean(),
        options: fc.array(fc.tuple(fc.constantFrom("bare" as const, "array" as const, "object" as const), tie("tree")), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
    ),
  }));
  return tree;
}

function build(recipe: Recipe, nodes: Nodes, shared: readonly SpaceNode<number>[]): SpaceDefinition {
  if (recipe.kind === "constant") return recipe.value;
  if (recipe.kind === "fresh") return nodes[recipe.node]!();
  if (recipe.kind === "shared") return shared[recipe.index]!;
  if (recipe.kind === "array") return recipe.items.map((item) => build(item, nodes, shared));
  if (recipe.kind === "object") {
    return Object.fromEntries(Object.entries(recipe.members).map(([key, member]) => [key, build(member, nodes, shared)]));
  }
  const options = recipe.options.map(([form, inside], i): SpaceDefinition => {
    const option = build(inside, nodes, shared);
    // Two equal options are refused: whatever could be equal to another is told apart by its index.
    if (form === "bare" && inside.kind === "fresh") return option;
    return form === "object" ? { kind: `k${i}`, inside: option } : [i, option];
  });
  return recipe.isWeighted ? hp.pchoice(options.map((option) => [1 / options.length, option] as const)) : hp.choice(options);
}

function spaces(nodes: Nodes, depth: number): fc.Arbitrary<Space> {
  const parts = fc.array(recipes(nodes.length, depth), { minLength: 1, maxLength: 4 });
  return fc.tuple(fc.constantFrom("object", "array", "choice"), parts).map(([root, recipes]) => {
    const shared = [nodes[0]!(), nodes[1]!()];
    const items = recipes.map((recipe) => build(recipe, nodes, shared));
    if (root === "object") return compileSpace(Object.fromEntries(items.map((item, i) => [`part${i}`, item])));
    return compileSpace(root === "array" ? items : hp.choice(items.map((item, i) => [i, item])));
  });
}

/** Nested spaces of all distributions, with choices in choices and parameters that stand in several branches. */
export const anySpace = spaces(anyNodes, 4);

/** Nested spaces of so few configurations that they can be listed by trying every combination. */
export const smallSpace = spaces(smallNodes, 3).filter((space) => combinationsOf(space) <= 3000);

/** Any assignment of a space, from one number in [0, 1) for each of its parameters. */
export function assignmentFrom(space: Space, units: readonly number[]): Assignment {
  const values = space.parameters.map(({ label, distribution }, i) => [
    label,
    quantile(domainOf(distribution), units[i % units.length] ?? 0),
  ]);
  return space.effective(Object.fromEntries(values));
}

export const someUnits = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
  minLength: 12,
  maxLength: 12,
});

function valueCounts(space: Space): readonly number[] {
  return space.parameters.map(({ domain }) => ("count" in domain ? domain.count : Number.POSITIVE_INFINITY));
}

function combinationsOf(space: Space): number {
  return valueCounts(space).reduce((product, count) => product * count, 1);
}

/** All distinct effective assignments, in canonical JSON, by trying every combination of values, active or not. */
export function allConfigurations(space: Space): ReadonlySet<string> {
  const counts = valueCounts(space);
  const found = new Set<string>();
  for (let i = 0; i < combinationsOf(space); i++) {
    let rest = i;
    const units = counts.map((count) => {
      const k = rest % count;
      rest = Math.floor(rest / count);
      return (k + 0.5) / count;
    });
    // Weights are even, so that the middle of the k-th part is the k-th value.
    found.add(canonicalJson(units.length === 0 ? {} : assignmentFrom(space, units)));
  }
  return found;
}
