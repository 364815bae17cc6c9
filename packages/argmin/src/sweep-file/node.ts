import { assertNever, type JsonValue } from "@argmin/base";

/** A place in a file; lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What a scalar without quotes means, or one with them, which is a text. */
export type ScalarValue =
  /** `isPlain`: without quotes, so that it may have been meant as something else. */
  | { readonly kind: "text"; readonly value: string; readonly isPlain: boolean }
  | { readonly kind: "integer" | "float"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" }
  | { readonly kind: "date" };

/** A value of a file, and where it stands. */
export type Node = ScalarNode | ListNode | MapNode;

/** `source`: as it is written. */
export type ScalarNode = { readonly place: Place; readonly source: string } & ScalarValue;

export type ListNode = { readonly place: Place; readonly kind: "list"; readonly items: readonly Node[] };

/** The members in the order of the file, each key once. */
export type MapNode = { readonly place: Place; readonly kind: "map"; readonly entries: readonly Entry[] };

export interface Entry {
  readonly key: string;
  /** Where the key stands. */
  readonly place: Place;
  readonly value: Node;
}

/** The member of that name. */
export function member(map: MapNode, key: string): Entry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** What a message says was found: `the text "ten"`, `the number 0.5`, `a list of 3 items`. */
export function found(node: Node): string {
  switch (node.kind) {
    case "text":
      return node.value === "" ? "an empty text" : `the text ${short(JSON.stringify(node.value))}`;
    case "integer":
    case "float":
      return `the number ${short(node.source)}`;
    case "boolean":
      return node.source === String(node.value) ? node.source : `${node.value} (written ${node.source})`;
    case "null":
      return node.source === "" ? "empty" : "null";
    case "date":
      return `the date ${short(node.source)}`;
    case "list":
      return node.items.length === 0 ? "an empty list" : `a list of ${count(node.items.length, "item")}`;
    case "map":
      return node.entries.length === 0 ? "an empty mapping" : `a mapping with ${keyList(node.entries.map(({ key }) => key))}`;
    default:
      return assertNever(node);
  }
}

/** "1 item", "3 items". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function keyList(keys: readonly string[]): string {
  return keys.length <= 4 ? keys.join(", ") : `${keys.slice(0, 3).join(", ")} and ${keys.length - 3} more keys`;
}

function short(text: string): string {
  return text.length > 50 ? `${text.slice(0, 47)}...` : text;
}

/** A value that has no place in a file, as a node: how a document that was stored is read again. */
export function nodeOfJson(value: JsonValue, place: Place = { line: 1, column: 1 }): Node {
  if (value === null) return { place, source: "null", kind: "null" };
  if (typeof value === "string") return { place, source: value, kind: "text", value, isPlain: false };
  if (typeof value === "boolean") return { place, source: String(value), kind: "boolean", value };
  if (typeof value === "number")
    return { place, source: String(value), kind: Number.isInteger(value) ? "integer" : "float", value };
  if (isList(value)) return { place, kind: "list", items: value.map((item) => nodeOfJson(item, place)) };
  const entries = Object.entries(value).map(([key, item]) => ({ key, place, value: nodeOfJson(item, place) }));
  return { place, kind: "map", entries };
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
