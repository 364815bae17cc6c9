import type { JsonValue } from "@argmin/base";

/**
 * How a sample is put together, as plain JSON data: constants, and references to parameters by label.
 *
 * @remarks A reference and not the parameter itself, so that one parameter may stand in several places.
 */
export type Template =
  | { readonly kind: "constant"; readonly value: JsonValue }
  | { readonly kind: "parameter"; readonly label: string }
  | { readonly kind: "array"; readonly items: readonly Template[] }
  | { readonly kind: "object"; readonly members: { readonly [key: string]: Template } };

/** What a sample looks like: a template, or, for define-by-run, an object of the values that were requested, by label. */
export type SampleShape = Template | "requested";

/** The template of an array: itself a constant if all its items are. */
export function arrayTemplate(items: readonly Template[]): Template {
  const values = items.filter((item) => item.kind === "constant").map((item) => item.value);
  return values.length === items.length ? { kind: "constant", value: Object.freeze(values) } : { kind: "array", items };
}

/** The template of an object: itself a constant if all its members are. */
export function objectTemplate(members: readonly (readonly [string, Template])[]): Template {
  const values = members.flatMap(([key, member]) => (member.kind === "constant" ? [[key, member.value] as const] : []));
  return values.length === members.length
    ? { kind: "constant", value: Object.freeze(Object.fromEntries(values)) }
    : { kind: "object", members: Object.fromEntries(members) };
}

/** Calls `visit` with the labels that the template refers to, options of choices not included. */
export function forEachLabel(template: Template, visit: (label: string) => void): void {
  if (template.kind === "parameter") visit(template.label);
  else if (template.kind === "array") for (const item of template.items) forEachLabel(item, visit);
  else if (template.kind === "object") for (const member of Object.values(template.members)) forEachLabel(member, visit);
}
