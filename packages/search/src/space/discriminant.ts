import { isJsonObject } from "@argmin/base";
import { isNode, type SpaceDefinition } from "./node.ts";
import type { Template } from "./template.ts";

/** The members of an option that are constant texts; `undefined` if the option is no object. */
export type TextMembers = Readonly<Record<string, string>> | undefined;

/** The key that tells the options of a choice apart, and its value in each; `undefined` in options that are no objects. */
export type Discriminant = { readonly key: string; readonly values: readonly (string | undefined)[] };

/** The first key that has a different text in each option that is an object; there must be two of those at least. */
export function findDiscriminant(options: readonly TextMembers[]): Discriminant | undefined {
  const objects = options.filter((members) => members !== undefined);
  const [first] = objects;
  if (first === undefined || objects.length < 2) return undefined;
  const key = Object.keys(first).find((candidate) => {
    const texts = new Set(objects.map((members) => members[candidate]));
    return texts.size === objects.length && !texts.has(undefined);
  });
  return key === undefined ? undefined : { key, values: options.map((members) => members?.[key]) };
}

/** The constant texts of an option as a person wrote it. */
export function textMembersOfDefinition(option: SpaceDefinition): TextMembers {
  if (typeof option !== "object" || option === null || Array.isArray(option) || isNode(option)) return undefined;
  return texts(Object.entries(option));
}

/** The constant texts of an option of a compiled space. */
export function textMembersOfTemplate(option: Template): TextMembers {
  if (option.kind === "constant") return isJsonObject(option.value) ? texts(Object.entries(option.value)) : undefined;
  if (option.kind !== "object") return undefined;
  return texts(Object.entries(option.members).map(([key, member]) => [key, member.kind === "constant" ? member.value : null]));
}

function texts(members: readonly (readonly [string, unknown])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(members.filter((member): member is readonly [string, string] => typeof member[1] === "string"));
}
