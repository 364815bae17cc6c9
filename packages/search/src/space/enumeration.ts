import { countOf, latticeValue, type Domain } from "./domain.ts";
import type { Assignment, Parameter } from "./space.ts";
import { forEachLabel, type Template } from "./template.ts";

/** The configurations of a finite space, numbered from 0; nothing of it is ever listed. */
export type Enumeration = {
  readonly size: bigint;
  /** Configuration number `index`. The last parameter varies fastest, as in nested loops; a choice's options follow each other. */
  readonly at: (index: bigint) => Assignment;
};

/** The values of a parameter that is no choice; `undefined` if there is no end to them. */
export type Values = { readonly count: number; readonly at: (k: number) => number };

/** All values of a domain, where there is an end to them. */
export function valuesOf(domain: Domain): Values | undefined {
  const count = countOf(domain);
  if (count === null) return undefined;
  return { count, at: (k) => (domain.kind === "lattice" ? latticeValue(domain, k) : k) };
}

type Plan =
  | { readonly kind: "numeric"; readonly label: string; readonly values: Values; readonly count: bigint }
  | { readonly kind: "choice"; readonly label: string; readonly options: readonly Plan[]; readonly count: bigint }
  | { readonly kind: "product"; readonly factors: readonly Plan[]; readonly count: bigint };

/**
 * Counts and numbers the distinct effective assignments of a space.
 *
 * @remarks A mixed-radix number system: independent parameters multiply, the options of a choice add. Parameters that stand in
 *   several branches make the branches depend on each other; those are expanded together, so that nothing is counted twice.
 * @param values - The values of a parameter that is no choice; all of them, if left out.
 * @returns `undefined` if the space is infinite, or made by define-by-run and thus never known to be complete.
 */
export function createEnumeration(
  parameters: readonly Parameter[],
  values: (parameter: Parameter) => Values | undefined = (parameter) => valuesOf(parameter.domain),
): Enumeration | undefined {
  if (parameters.some((parameter) => parameter.condition === "requested")) return undefined;
  const known = new Map<string, Values>();
  for (const parameter of parameters) {
    const found = parameter.distribution.kind === "choice" ? undefined : values(parameter);
    if (found !== undefined) known.set(parameter.label, found);
    else if (parameter.distribution.kind !== "choice") return undefined;
  }
  const roots = parameters.flatMap(({ condition }, i) => (condition === "always" ? [i] : []));
  const plan = new Planner(parameters, known).plan(roots);
  return {
    size: plan.count,
    at: (index) => {
      const assignment: Record<string, number> = {};
      fill(plan, index, assignment);
      return assignment;
    },
  };
}

function fill(plan: Plan, index: bigint, assignment: Record<string, number>): void {
  let rest = index;
  switch (plan.kind) {
    case "numeric":
      assignment[plan.label] = plan.values.at(Number(index));
      return;
    case "choice":
      for (const [option, inside] of plan.options.entries()) {
        if (rest < inside.count) {
          assignment[plan.label] = option;
          fill(inside, rest, assignment);
          return;
        }
        rest -= inside.count;
      }
      return;
    case "product":
      for (const factor of plan.factors.toReversed()) {
        fill(factor, rest % factor.count, assignment);
        rest /= factor.count;
      }
  }
}

class Planner {
  readonly #parameters: readonly Parameter[];
  readonly #values: ReadonlyMap<string, Values>;
  /** For each choice, the parameters that each of its options holds directly. */
  readonly #inside: readonly (readonly (readonly number[])[])[];
  /** For each parameter, all that lie below it, itself included. */
  readonly #below: readonly ReadonlySet<number>[];
  readonly #plans = new Map<string, Plan>();

  constructor(parameters: readonly Parameter[], values: ReadonlyMap<string, Values>) {
    const indices = new Map(parameters.map(({ label }, i) => [label, i]));
    this.#parameters = parameters;
    this.#values = values;
    this.#inside = parameters.map(({ distribution }) =>
      distribution.kind === "choice"
        ? distribution.options.map((option) => labelsOf(option).map((label) => indices.get(label)!))
        : [],
    );
    const below: Set<number>[] = parameters.map((_, i) => new Set([i]));
    for (let i = parameters.length - 1; i >= 0; i--) {
      for (const j of this.#inside[i]!.flat()) for (const k of below[j]!) below[i]!.add(k);
    }
    this.#below = below;
  }

  /** @param active - Indices of the parameters known to be active. */
  plan(active: readonly number[]): Plan {
    const sorted = [...new Set(active)].toSorted((a, b) => a - b);
    const key = sorted.join();
    const plan = this.#plans.get(key) ?? this.#build(sorted);
    this.#plans.set(key, plan);
    return plan;
  }

  #build(active: readonly number[]): Plan {
    const groups = this.#independentGroups(active);
    const [only] = groups;
    if (groups.length === 1 && only !== undefined) return this.#buildGroup(only);
    const factors = groups.map((group) => this.plan(group));
    return { kind: "product", factors, count: factors.reduce((product, factor) => product * factor.count, 1n) };
  }

  /** A group of parameters that share something further down, or a single parameter. */
  #buildGroup(group: readonly number[]): Plan {
    // The first choice cannot lie below another one: parameters come after the choices that they depend on.
    const first = group.find((i) => this.#parameters[i]!.distribution.kind === "choice") ?? group[0]!;
    const { label } = this.#parameters[first]!;
    const values = this.#values.get(label);
    if (values !== undefined) return { kind: "numeric", label, values, count: BigInt(values.count) };
    const others = group.filter((i) => i !== first);
    const options = this.#inside[first]!.map((inside) => this.plan([...others, ...inside]));
    return { kind: "choice", label, options, count: options.reduce((sum, option) => sum + option.count, 0n) };
  }

  #independentGroups(active: readonly number[]): readonly (readonly number[])[] {
    const groups: { members: number[]; readonly below: Set<number> }[] = [];
    for (const i of active) {
      const below = new Set(this.#below[i]);
      const members = [i];
      for (const other of groups.filter((group) => overlap(group.below, below))) {
        groups.splice(groups.indexOf(other), 1);
        members.push(...other.members);
        for (const k of other.below) below.add(k);
      }
      groups.push({ members, below });
    }
    return groups.map(({ members }) => members.toSorted((a, b) => a - b)).toSorted((a, b) => a[0]! - b[0]!);
  }
}

function overlap(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  for (const item of a) if (b.has(item)) return true;
  return false;
}

function labelsOf(template: Template): readonly string[] {
  const labels: string[] = [];
  forEachLabel(template, (label) => labels.push(label));
  return labels;
}
