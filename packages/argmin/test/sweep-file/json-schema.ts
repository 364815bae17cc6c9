import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";

/**
 * Whether a value is valid by a JSON Schema, as far as the words go that the schema of sweeps uses; any other word is an error, so that
 * none is passed over.
 */
export function isValid(value: JsonValue, schema: JsonValue, root: JsonObject): boolean {
  if (!isJsonObject(schema)) throw new Error(`no schema: ${JSON.stringify(schema)}`);
  return Object.entries(schema).every(([word, wanted]) => {
    const rule = rules[word];
    if (rule === undefined) throw new Error(`a word that no rule knows: ${word}`);
    return rule(value, wanted, { schema, root });
  });
}

type Rule = (value: JsonValue, wanted: JsonValue, context: { readonly schema: JsonObject; readonly root: JsonObject }) => boolean;

const always: Rule = () => true;

const types: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  object: (value) => isJsonObject(value),
  array: isList,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

const rules: Readonly<Record<string, Rule>> = {
  $schema: always,
  title: always,
  description: always,
  default: always,
  definitions: always,
  type: (value, wanted) => listOf(wanted).some((name) => types[textOf(name)]!(value)),
  enum: (value, wanted) => listOf(wanted).some((option) => isSame(option, value)),
  const: (value, wanted) => isSame(wanted, value),
  minimum: (value, wanted) => typeof value !== "number" || value >= Number(wanted),
  maximum: (value, wanted) => typeof value !== "number" || value <= Number(wanted),
  exclusiveMinimum: (value, wanted) => typeof value !== "number" || value > Number(wanted),
  minItems: (value, wanted) => !isList(value) || value.length >= Number(wanted),
  minProperties: (value, wanted) => !isJsonObject(value) || Object.keys(value).length >= Number(wanted),
  items: (value, wanted, { root }) => !isList(value) || value.every((item) => isValid(item, wanted, root)),
  required: (value, wanted) => !isJsonObject(value) || listOf(wanted).every((key) => Object.hasOwn(value, textOf(key))),
  properties: (value, wanted, { root }) =>
    !isJsonObject(value) ||
    Object.entries(objectOf(wanted)).every(([key, inside]) => !Object.hasOwn(value, key) || isValid(value[key]!, inside, root)),
  additionalProperties: (value, wanted, { schema, root }) => {
    const known = Object.keys(objectOf(schema["properties"] ?? {}));
    const others = isJsonObject(value) ? Object.entries(value).filter(([key]) => !known.includes(key)) : [];
    return others.every(([, member]) => wanted !== false && isValid(member, wanted, root));
  },
  propertyNames: (value, wanted) =>
    !isJsonObject(value) || Object.keys(value).every((key) => new RegExp(textOf(objectOf(wanted)["pattern"])).test(key)),
  dependencies: (value, wanted) =>
    !isJsonObject(value) ||
    Object.entries(objectOf(wanted)).every(
      ([key, others]) => !Object.hasOwn(value, key) || listOf(others).every((other) => Object.hasOwn(value, textOf(other))),
    ),
  not: (value, wanted, { root }) => !isValid(value, wanted, root),
  anyOf: (value, wanted, { root }) => listOf(wanted).some((option) => isValid(value, option, root)),
  allOf: (value, wanted, { root }) => listOf(wanted).every((part) => isValid(value, part, root)),
  $ref: (value, wanted, { root }) =>
    isValid(value, objectOf(root["definitions"]!)[textOf(wanted).replace("#/definitions/", "")]!, root),
};

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isSame(a: JsonValue, b: JsonValue): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function listOf(value: JsonValue): readonly JsonValue[] {
  return isList(value) ? value : [value];
}

function objectOf(value: JsonValue): JsonObject {
  if (!isJsonObject(value)) throw new Error(`no object: ${JSON.stringify(value)}`);
  return value;
}
