import { ArgminError, isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";

/** One setting of a sampler or a pruner, for validation, help texts and forms. */
export type SettingSpec = { readonly summary: string; readonly default: JsonValue } & (
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "boolean" }
  | { readonly kind: "integer"; readonly minimum: number; readonly maximum: number }
  | { readonly kind: "number"; readonly minimum: number; readonly maximum: number }
  /** As `integer` and `number`, or null where there is none. */
  | { readonly kind: "integer-or-null" | "number-or-null"; readonly minimum: number; readonly maximum: number }
  /** A pruner's name, an object with its name and settings, or null. Whether there is such a pruner, `createPruner` says. */
  | { readonly kind: "pruner-or-null" }
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
  if (spec.kind === "pruner-or-null") {
    const { name, settings = {}, ...others } = isJsonObject(value) ? value : { name: value ?? "" };
    const isRight = typeof name === "string" && isJsonObject(settings) && Object.keys(others).length === 0;
    return isRight ? undefined : "the name of a pruner, an object with its name and settings, or null";
  }
  const range = `from ${spec.minimum} to ${spec.maximum}`;
  const isNumber = (item: JsonValue): boolean => typeof item === "number" && item >= spec.minimum && item <= spec.maximum;
  const isInteger = (item: JsonValue): boolean => isNumber(item) && Number.isSafeInteger(item);
  if (spec.kind === "number") return isNumber(value) ? undefined : `a number ${range}`;
  if (spec.kind === "number-or-null") return value === null || isNumber(value) ? undefined : `a number ${range}, or null`;
  if (spec.kind === "integer") return isInteger(value) ? undefined : `an integer ${range}`;
  if (spec.kind === "integer-or-null") return value === null || isInteger(value) ? undefined : `an integer ${range}, or null`;
  const isRight = value === null || (isJsonObject(value) ? Object.values(value).every(isInteger) : isInteger(value));
  return isRight ? undefined : `an integer ${range}, or an object of such integers by label`;
}

type NumberOf = {
  readonly integer: number;
  readonly number: number;
  readonly "integer-or-null": number | null;
  readonly "number-or-null": number | null;
};

/** Those of the settings that are numbers, or null where that is allowed, with the type that `completeSettings` has checked. */
export function numericSettings<const S extends SettingsSchema>(
  schema: S,
  settings: JsonObject,
): {
  readonly [K in keyof S as S[K]["kind"] extends keyof NumberOf ? K : never]: NumberOf[S[K]["kind"] & keyof NumberOf];
};
export function numericSettings(schema: SettingsSchema, settings: JsonObject): Readonly<Record<string, number | null>> {
  const entries = Object.entries(schema).flatMap(([name, { kind }]): readonly (readonly [string, number | null])[] => {
    const value = settings[name];
    if (kind !== "integer" && kind !== "number" && kind !== "integer-or-null" && kind !== "number-or-null") return [];
    if (typeof value === "number" || (value === null && kind.endsWith("-or-null"))) return [[name, value]];
    throw new Error(`internal: the setting '${name}' was not checked.`);
  });
  return Object.fromEntries(entries);
}
