import { ArgminError, canonicalJson } from "@argmin/base";
import { checkDistribution } from "./distribution-check.ts";
import type { Distribution } from "./distribution.ts";
import { domainOf } from "./domain.ts";
import type { Branch, Condition, Parameter } from "./space.ts";
import { forEachLabel, type SampleShape, type Template } from "./template.ts";

export type LabelledDistribution = { readonly label: string; readonly distribution: Distribution };

/**
 * The parameters with their conditions, in the given order but each after the choices that its condition speaks of.
 *
 * @throws ArgminError `space/invalid` if the parts do not fit together, `space/duplicate-label`, or `space/bounds` for a
 *   distribution without meaning.
 */
export function parametersOf(distributions: readonly LabelledDistribution[], shape: SampleShape): readonly Parameter[] {
  const conditions = conditionsOf(distributions, shape);
  const byLabel = new Map(distributions.map(({ label, distribution }) => [label, distribution]));
  checkFinite(byLabel);
  const order = inOrder([...byLabel.keys()], conditions);
  const places = new Map(order.map((label, i) => [label, i]));
  const parameters = order.map((label): Parameter => {
    const distribution = checkDistribution(byLabel.get(label)!, label);
    const found = conditions.get(label)!;
    const condition =
      typeof found === "string"
        ? found
        : found.toSorted((a, b) => places.get(a.label)! - places.get(b.label)! || a.option - b.option);
    return Object.freeze({ label, distribution, domain: domainOf(distribution), condition });
  });
  return Object.freeze(parameters);
}

function conditionsOf(distributions: readonly LabelledDistribution[], shape: SampleShape): ReadonlyMap<string, Condition> {
  const conditions = new Map<string, "always" | "requested" | Branch[]>();
  for (const { label } of distributions) {
    if (conditions.has(label)) throw new ArgminError("space/duplicate-label", `Two parameters have the label '${label}'.`);
    conditions.set(label, shape === "requested" ? "requested" : []);
  }
  const conditionOf = (label: string): "always" | "requested" | Branch[] => {
    const condition = conditions.get(label);
    if (condition === undefined)
      throw new ArgminError("space/invalid", `The space refers to a parameter '${label}' that it does not define.`);
    return condition;
  };
  if (shape !== "requested") {
    forEachLabel(shape, (label) => {
      conditionOf(label);
      conditions.set(label, "always");
    });
    if (shape.kind === "object") checkRootLabels(shape.members, conditions);
  }
  for (const { label, distribution } of distributions) {
    if (distribution.kind !== "choice") continue;
    checkOptions(label, distribution.options);
    for (const [option, template] of distribution.options.entries()) {
      forEachLabel(template, (used) => {
        const condition = conditionOf(used);
        if (condition === "requested") {
          throw new ArgminError(
            "space/invalid",
            `The options of '${label}' hold the parameter '${used}'; in define-by-run, ask for it by itself.`,
          );
        }
        const isNew =
          typeof condition === "object" && condition.every((branch) => branch.label !== label || branch.option !== option);
        if (isNew) condition.push({ label, option });
      });
    }
  }
  return conditions;
}

/** So that an object of flat values and a sample can be told apart wherever a person may give either. */
function checkRootLabels(members: { readonly [key: string]: Template }, labels: ReadonlyMap<string, unknown>): void {
  for (const [key, member] of Object.entries(members)) {
    if (labels.has(key) && !(member.kind === "parameter" && member.label === key)) {
      throw new ArgminError(
        "space/invalid",
        `The label '${key}' is also the name of a member of the space that is something else; give the parameter another label.`,
      );
    }
  }
}

function checkOptions(label: string, options: readonly Template[]): void {
  const indices = new Map<string, number>();
  for (const [i, option] of options.entries()) {
    const text = canonicalJson(option);
    const equal = indices.get(text);
    if (equal !== undefined) {
      throw new ArgminError(
        "space/invalid",
        `Options ${equal} and ${i} of '${label}' are the same; remove one, or use hp.pchoice to make an option likelier.`,
      );
    }
    indices.set(text, i);
    const keys = option.kind === "object" ? Object.keys(option.members) : memberNames(option);
    if (keys.includes("option")) {
      throw new ArgminError(
        "space/invalid",
        `Option ${i} of '${label}' has a member named 'option', the word that stands for an option's index in results; rename it.`,
      );
    }
  }
}

function memberNames(option: Template): readonly string[] {
  const value = option.kind === "constant" ? option.value : null;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

/** The labels in the given order, but each after the choices that its condition speaks of. */
function inOrder(labels: readonly string[], conditions: ReadonlyMap<string, Condition>): readonly string[] {
  const ordered = new Set<string>();
  const place = (label: string): void => {
    const condition = conditions.get(label) ?? [];
    if (condition.length === 0) throw new ArgminError("space/invalid", `The parameter '${label}' is used nowhere in the space.`);
    if (typeof condition === "object") for (const branch of condition) if (!ordered.has(branch.label)) place(branch.label);
    ordered.add(label);
  };
  for (const label of labels) if (!ordered.has(label)) place(label);
  return [...ordered];
}

/** Refuses a choice that lies inside one of its own options: documents can say so, and arrays of options can be changed later. */
function checkFinite(distributions: ReadonlyMap<string, Distribution>): void {
  const states = new Map<string, "open" | "done">();
  const visit = (label: string): void => {
    if (states.get(label) === "done") return;
    if (states.get(label) === "open") {
      throw new ArgminError(
        "space/invalid",
        `The parameter '${label}' is inside one of its own options; a space must be a finite tree.`,
      );
    }
    states.set(label, "open");
    const distribution = distributions.get(label);
    if (distribution?.kind === "choice") for (const option of distribution.options) forEachLabel(option, visit);
    states.set(label, "done");
  };
  for (const label of distributions.keys()) visit(label);
}
