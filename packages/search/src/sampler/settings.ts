import { ArgminError, isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";

/** One setting of a sampler or a pruner, for validation, help texts and forms. */
export type SettingSpec = { readonly summary: string; readonly default: JsonValue } & (
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "boolean" }
  | { readonly kind: "integer"; readonly minimum: number; readonly maximum: number }
  | { readonly kind: "number"; readonly minimum: number; readonly maximum: number }
  /** One integer for all parameters, an object of integers by label, or null. */
  | { readonly kind: "integers-by-label"; readonly minimum: number; readonly maximum: number }
);

/** The settings of a sampler or a pruner by name. */
export type SettingsSchema = { readonly [name: string]: SettingSpec };

/**
 * The settings with defaults filled in.
 *
 * @param owner - Whose settings they are, for messages: "the sampler 'grid'".
 * @throws ArgminError `value/invalid`, naming the setting.
 */
export function completeSettings(owner: string, schema: SettingsSchema, given: JsonObject): JsonObject {
  const names = Object.keys(schema);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const list = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
    throw new ArgminError("value/invalid", `There is no setting '${unknown}' of ${owner}; ${list}.`);
  }
  return Object.fromEntries(
    Object.entries(schema).map(([name, spec]) => {
      const value = given[name];
      if (value === undefined) return [name, spec.default];
      const wanted = complaint(spec, value);
      if (wanted === undefined) return [name, value];
      throw new ArgminError("value/invalid", `The setting '${name}' of ${owner} is ${JSON.stringify(value)}; wanted ${wanted}.`);
    }),
  );
}

/** What would have been right, if `value` is not. */
function complaint(spec: SettingSpec, value: JsonValue): string | undefined {
  if (spec.kind === "choice") {
    return spec.options.some((option) => option === value) ? undefined : `one of ${spec.options.join(", ")}`;
  }
  if (spec.kind === "boolean") return typeof value === "boolean" ? undefined : "true or false";
  const range = `from ${spec.minimum} to ${spec.maximum}`;
  if (spec.kind === "number") {
    const isInRange = typeof value === "number" && value >= spec.minimum && value <= spec.maximum;
    return isInRange ? undefined : `a number ${range}`;
  }
  const isInteger = (item: JsonValue): boolean =>
    typeof item === "number" && Number.isSafeInteger(item) && item >= spec.minimum && item <= spec.maximum;
  if (spec.kind === "integer") return isInteger(value) ? undefined : `an integer ${range}`;
  const isRight = value === null || (isJsonObject(value) ? Object.values(value).every(isInteger) : isInteger(value));
  return isRight ? undefined : `an integer ${range}, or an object of such integers by label`;
}

type Numeric = "integer" | "number";

/** Those of the settings that are numbers, with the type that `completeSettings` has checked. */
export function numericSettings<const S extends SettingsSchema>(
  schema: S,
  settings: JsonObject,
): { readonly [K in keyof S as S[K]["kind"] extends Numeric ? K : never]: number };
export function numericSettings(schema: SettingsSchema, settings: JsonObject): Readonly<Record<string, number>> {
  const names = Object.keys(schema).filter((name) => schema[name]?.kind === "integer" || schema[name]?.kind === "number");
  return Object.fromEntries(names.map((name) => [name, numberOf(settings, name)]));
}

function numberOf(settings: JsonObject, name: string): number {
  const value = settings[name];
  if (typeof value === "number") return value;
  throw new Error(`internal: the setting '${name}' was not checked.`);
}
