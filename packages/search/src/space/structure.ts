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
  return Object.freeze(inOrder(distributions, conditionsOf(distributions, shape)));
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

/** The parameters in the given order, but each after the choices that its condition speaks of. */
function inOrder(distributions: readonly LabelledDistribution[], conditions: ReadonlyMap<string, Condition>): Parameter[] {
  const byLabel = new Map(distributions.map((entry) => [entry.label, entry.distribution]));
  const states = new Map<string, "open" | "done">();
  const ordered: Parameter[] = [];
  const place = (label: string): void => {
    const distribution = byLabel.get(label);
    const condition = conditions.get(label);
    if (states.get(label) === "done" || distribution === undefined || condition === undefined) return;
    if (states.get(label) === "open")
      throw new ArgminError("space/invalid", `The parameter '${label}' is an option of itself; a space must be a finite tree.`);
    if (typeof condition === "object" && condition.length === 0)
      throw new ArgminError("space/invalid", `The parameter '${label}' is used nowhere in the space.`);
    states.set(label, "open");
    if (typeof condition === "object") for (const branch of condition) place(branch.label);
    states.set(label, "done");
    checkDistribution(distribution, label);
    ordered.push(Object.freeze({ label, distribution, domain: domainOf(distribution), condition }));
  };
  for (const { label } of distributions) place(label);
  return ordered;
}
