import { assertNever, listed, type JsonObject, type JsonValue } from "@argmin/base";
import { nearest } from "../flags/suggestion.ts";
import { found, member, type MapNode, type Node } from "./node.ts";
import type { Remarks } from "./problems.ts";
import { asNumber } from "./scalar.ts";

/**
 * What a place of a sweep file may hold: it reads values of type `T` and describes them to editors. Every key has one, so that the
 * reader and the JSON Schema cannot differ.
 */
export interface Shape<out T> {
  /** JSON Schema, draft 7. */
  readonly schema: JsonObject;
  /** @returns `undefined` if the value is refused; `remarks` then says why. */
  read(node: Node, path: string, remarks: Remarks): T | undefined;
}

/** Says what was found at a path and what was wanted. @param hint - A further sentence, or nothing. */
export function refuse(remarks: Remarks, node: Node, path: string, wanted: string, hint = ""): undefined {
  remarks.refuse(node.place, `${path === "" ? "The file" : path} is ${found(node)}; wanted ${wanted}.${hint}`);
}

/** A text, in quotes or not. */
export function text(what = "a text"): Shape<string> {
  return {
    schema: { type: "string" },
    read: (node, path, remarks) => (node.kind === "text" ? node.value : refuse(remarks, node, path, what, quoteHint(node))),
  };
}

function quoteHint(node: Node): string {
  const isScalar = node.kind !== "list" && node.kind !== "map" && node.kind !== "null";
  return isScalar ? ` Put it in quotes: "${node.source}".` : "";
}

/** One of a few words. @param hint - A further sentence about a word that is none of them, in place of the nearest one. */
export function word<const W extends string>(
  words: readonly W[],
  hint: (given: string) => string | undefined = () => undefined,
): Shape<W> {
  const wanted = listed(words, "or");
  return {
    schema: { enum: words },
    read: (node, path, remarks) => {
      const known = words.find((candidate) => node.kind === "text" && candidate === node.value);
      if (known !== undefined) return known;
      if (node.kind === "text") return refuse(remarks, node, path, wanted, hint(node.value) ?? likeliest(node.value, words));
      const isMeant = "source" in node && words.some((candidate) => candidate === node.source);
      return refuse(remarks, node, path, wanted, isMeant ? quoteHint(node) : "");
    },
  };
}

/** " Did you mean 'x'?", or nothing, also where only capitals, '-' and '_' differ. */
export function likeliest(given: string, candidates: readonly string[]): string {
  const meant = meantBy(given, candidates);
  return meant === undefined ? "" : ` Did you mean '${meant}'?`;
}

/** The candidate that was most likely meant; undefined if none is near. */
export function meantBy(given: string, candidates: readonly string[]): string | undefined {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return candidates.find((candidate) => plain(candidate) === plain(given)) ?? nearest(given.toLowerCase(), candidates);
}

type Range = { readonly min?: number; readonly max?: number };

/** A whole number; ends included. As in JSON Schema, 3.0 is one. */
export function integer({ min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }: Range = {}): Shape<number> {
  const range = [
    ...(min === Number.MIN_SAFE_INTEGER ? [] : [`from ${min}`]),
    ...(max === Number.MAX_SAFE_INTEGER ? (min === Number.MIN_SAFE_INTEGER ? [] : ["on"]) : [`to ${max}`]),
  ];
  const wanted = ["a whole number", ...range].join(" ");
  return {
    schema: {
      type: "integer",
      ...(min === Number.MIN_SAFE_INTEGER ? {} : { minimum: min }),
      ...(max === Number.MAX_SAFE_INTEGER ? {} : { maximum: max }),
    },
    read: (node, path, remarks) => {
      const isNumber = node.kind === "integer" || node.kind === "float";
      if (isNumber && Number.isInteger(node.value) && node.value >= min && node.value <= max) return node.value;
      const isHuge = isNumber && !Number.isSafeInteger(node.value) && Math.abs(node.value) > Number.MAX_SAFE_INTEGER;
      const hint = isHuge && range.length === 0 ? " Whole numbers are exact up to 2^53 only." : numberHint(node);
      return refuse(remarks, node, path, wanted, hint);
    },
  };
}

/** A finite number. `min` is allowed itself, `above` is not. */
export function number({ min, above }: { readonly min?: number; readonly above?: number } = {}): Shape<number> {
  const range = above !== undefined ? ` above ${above}` : min !== undefined ? ` from ${min} on` : "";
  return {
    schema: {
      type: "number",
      ...(above === undefined ? {} : { exclusiveMinimum: above }),
      ...(min === undefined ? {} : { minimum: min }),
    },
    read: (node, path, remarks) => {
      const value = node.kind === "integer" || node.kind === "float" ? node.value : Number.NaN;
      const isInRange = value >= (min ?? -Infinity) && value > (above ?? -Infinity);
      if (Number.isFinite(value) && isInRange) return value;
      const isBeyond = node.kind === "integer" || node.kind === "float" ? !Number.isFinite(node.value) : false;
      return refuse(remarks, node, path, `a${isBeyond ? " finite" : ""} number${range}`, numberHint(node));
    },
  };
}

/** How a number is written that YAML 1.1 took for something else. */
export function numberHint(node: Node): string {
  if (node.kind !== "text") return "";
  const form = asNumber(node.value.trim());
  if (form === undefined) return "";
  return node.isPlain
    ? ` YAML 1.1, as Weights & Biases reads it, takes that for a text: write ${form}.`
    : ` Write it without quotes: ${form}.`;
}

export function boolean(): Shape<boolean> {
  return {
    schema: { type: "boolean" },
    read: (node, path, remarks) =>
      node.kind === "boolean"
        ? node.value
        : refuse(remarks, node, path, "true or false", node.kind === "text" ? truthHint(node.value) : ""),
  };
}

function truthHint(given: string): string {
  const isWord = given === "true" || given === "false";
  return isWord ? ` Write it without quotes: ${given}.` : likeliest(given, ["true", "false"]);
}

/** Whatever JSON can say. */
export function anything(): Shape<JsonValue> {
  return { schema: {}, read: readAnything };
}

function readAnything(node: Node, path: string, remarks: Remarks): JsonValue | undefined {
  switch (node.kind) {
    case "null":
      return null;
    case "text":
      if (node.isPlain && asNumber(node.value) !== undefined) {
        const form = asNumber(node.value);
        remarks.warn(
          node.place,
          `${path} is the text "${node.value}", as YAML 1.1 reads it; a number is written ${form}, and a text that looks like one better in quotes.`,
        );
      }
      return node.value;
    case "boolean":
      if (node.source.toLowerCase() !== String(node.value))
        remarks.warn(node.place, `${path} is ${node.value}, as YAML 1.1 reads ${node.source}; a text is put in quotes.`);
      return node.value;
    case "date":
      return refuse(remarks, node, path, "a number, a text, true, false, null, a list or a mapping", quoteHint(node));
    case "integer":
      if (!Number.isSafeInteger(node.value))
        return refuse(remarks, node, path, "at most 2^53, up to which whole numbers are exact", quoteHint(node));
      return node.value;
    case "float":
      return Number.isFinite(node.value) ? node.value : refuse(remarks, node, path, "a finite number", quoteHint(node));
    case "list": {
      const items = node.items.map((item, i) => readAnything(item, `${path}[${i}]`, remarks));
      const known = items.filter((item) => item !== undefined);
      return known.length === items.length ? known : undefined;
    }
    case "map": {
      const members = node.entries.map(({ key, value }) => [key, readAnything(value, join(path, key), remarks)] as const);
      const known = members.filter((entry): entry is readonly [string, JsonValue] => entry[1] !== undefined);
      return known.length === members.length ? Object.fromEntries(known) : undefined;
    }
    default:
      return assertNever(node);
  }
}

/** A list with at least one item, unless it may be empty. @param what - What it is a list of, for messages. */
export function list<T>(of: Shape<T>, what: string, { atLeast = 1 }: { readonly atLeast?: number } = {}): Shape<readonly T[]> {
  return {
    schema: { type: "array", items: of.schema, ...(atLeast === 0 ? {} : { minItems: atLeast }) },
    read: (node, path, remarks) => {
      const wanted = `a list of ${what}`;
      if (node.kind !== "list")
        return refuse(
          remarks,
          node,
          path,
          wanted,
          node.kind === "map" ? "" : " A list is written [a, b] or one item a line after '- '.",
        );
      if (node.items.length < atLeast) return refuse(remarks, node, path, `${wanted}, at least ${atLeast}`);
      const items = node.items.map((item, i) => of.read(item, `${path}[${i}]`, remarks));
      const known = items.filter((item) => item !== undefined);
      return known.length === items.length ? known : undefined;
    },
  };
}

/** A key of a mapping. */
export interface Key<out T, out Required extends boolean> {
  readonly shape: Shape<T>;
  /** One line for editors. */
  readonly summary: string;
  readonly isRequired: Required;
  /** What counts where the key is missing, for editors. */
  readonly otherwise?: JsonValue;
}

export function required<T>(shape: Shape<T>, summary: string): Key<T, true> {
  return { shape, summary, isRequired: true };
}

export function optional<T>(shape: Shape<T>, summary: string, otherwise?: JsonValue): Key<T, false> {
  return { shape, summary, isRequired: false, ...(otherwise === undefined ? {} : { otherwise }) };
}

/** Keys by name. */
export type Table = { readonly [name: string]: Key<unknown, boolean> };

/** The values of a mapping with such keys. */
export type ValuesOf<K extends Table> = {
  readonly [N in keyof K]: K[N] extends Key<infer T, infer Required> ? (Required extends true ? T : T | undefined) : never;
};

type MappingFacts = {
  /** What has these keys, for messages: "a sweep", "hyperband". */
  readonly of: string;
  /** A further sentence about a key that there is not, in place of the nearest one. */
  readonly hint?: (key: string) => string | undefined;
  /** Whether further keys are let through. */
  readonly isOpen?: boolean;
};

/** A mapping with these keys and no others. */
export function mapping<const K extends Table>(keys: K, facts: MappingFacts): Shape<ValuesOf<K>>;
// The compiler cannot follow a table's types through a loop over its names.
export function mapping(keys: Table, facts: MappingFacts): Shape<{ readonly [name: string]: unknown }> {
  return {
    schema: mappingSchema(keys, facts.isOpen),
    read: (node, path, remarks) =>
      node.kind === "map"
        ? readMembers(keys, node, { path, facts, remarks })
        : refuse(remarks, node, path, `a mapping with ${listed(Object.keys(keys), "and")}`),
  };
}

/** The JSON Schema of a mapping with these keys. */
export function mappingSchema(keys: Table, isOpen = false): JsonObject {
  const properties = Object.entries(keys).map(([name, { shape, summary, otherwise }]) => [
    name,
    { description: summary, ...shape.schema, ...(otherwise === undefined ? {} : { default: otherwise }) },
  ]);
  const needed = Object.keys(keys).filter((name) => keys[name]!.isRequired);
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(needed.length === 0 ? {} : { required: needed }),
    ...(isOpen ? {} : { additionalProperties: false }),
  };
}

function readMembers(
  keys: Table,
  node: MapNode,
  { path, facts, remarks }: { readonly path: string; readonly facts: MappingFacts; readonly remarks: Remarks },
): { readonly [name: string]: unknown } | undefined {
  const names = Object.keys(keys);
  const values: Record<string, unknown> = {};
  const misspelt = new Set<string>();
  let isComplete = true;
  for (const { key, place } of node.entries) {
    if (facts.isOpen === true || Object.hasOwn(keys, key)) continue;
    misspelt.add(meantBy(key, names) ?? "");
    const missing = names.filter((name) => member(node, name) === undefined);
    const hint = facts.hint?.(key) ?? likeliest(key, missing);
    const wanted = names.length <= 8 || hint === "" ? `; wanted ${listed(names, "or")}` : "";
    remarks.refuse(place, `${join(path, key)} is no key of ${facts.of}${wanted}.${hint}`);
    isComplete = false;
  }
  for (const [name, { shape, summary, isRequired }] of Object.entries(keys)) {
    const entry = member(node, name);
    if (entry !== undefined) {
      values[name] = shape.read(entry.value, join(path, name), remarks);
      if (values[name] === undefined) isComplete = false;
    } else if (isRequired) {
      // Where the key is misspelt, that has been said.
      if (!misspelt.has(name))
        remarks.refuse(node.place, `${path === "" ? "The sweep" : path} has no '${name}'; wanted it: ${summary}.`);
      isComplete = false;
    }
  }
  return isComplete ? values : undefined;
}

/** The path of a member, as messages show it. */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
