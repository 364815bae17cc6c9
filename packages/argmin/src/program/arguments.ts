import type { JsonObject, JsonValue } from "@argmin/base";

/**
 * A value as W&B writes it into a command line, which is Python's way: `True`, `False` and `None`, a text as it is. Lists and objects are JSON, which
 * any language reads.
 */
export function argumentText(value: JsonValue): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null) return "None";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** How parameters are written as arguments, by the macro of W&B's `command` that asks for it. */
export const argumentStyles = {
  args: (params) => pairs(params).map(([name, text]) => `--${name}=${text}`),
  args_no_equals: (params) => pairs(params).flatMap(([name, text]) => [`--${name}`, text]),
  args_no_hyphens: (params) => pairs(params).map(([name, text]) => `${name}=${text}`),
  args_append_hydra: (params) => pairs(params).map(([name, text]) => `+${name}=${text}`),
  args_override_hydra: (params) => pairs(params).map(([name, text]) => `++${name}=${text}`),
  args_no_boolean_flags: (params) =>
    Object.entries(params).flatMap(([name, value]) => {
      if (typeof value === "boolean") return value ? [`--${name}`] : [];
      return [`--${name}=${argumentText(value)}`];
    }),
  args_json: (params) => [JSON.stringify(params)],
} as const satisfies Readonly<Record<string, (params: JsonObject) => readonly string[]>>;

function pairs(params: JsonObject): readonly (readonly [name: string, text: string])[] {
  return Object.entries(params).map(([name, value]) => [name, argumentText(value)] as const);
}
