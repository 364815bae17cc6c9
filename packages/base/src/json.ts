import { hash } from "node:crypto";
import { ArgminError, messageOf } from "./errors.ts";

/** Anything JSON can say. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * One text for each value: keys sorted by code unit, no spaces, -0 written as 0, absent (`undefined`) members dropped.
 *
 * @throws ArgminError `json/invalid` for NaN, infinities and anything JSON has no word for.
 */
export function canonicalJson(value: unknown): string {
  return write(value, value);
}

/** Studies hash every suggestion, so this is short of allocations: the place of a bad value is looked for once there is one. */
function write(value: unknown, root: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (value === null || typeof value === "boolean") return String(value);
  // Not map: it would pass over the holes of a sparse array.
  if (Array.isArray(value)) return `[${Array.from(value, (item) => write(item, root)).join(",")}]`;
  if (typeof value === "object" && Object.prototype.toString.call(value) === "[object Object]") {
    let text = "";
    for (const [key, member] of Object.entries(value).sort(byKey)) {
      if (member !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${write(member, root)}`;
    }
    return `{${text}}`;
  }
  const found = typeof value === "number" ? String(value) : Object.prototype.toString.call(value);
  throw new ArgminError("json/invalid", `JSON has no word for ${found} at ${placeOf(value, root, "$")}; give plain data.`);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** The path from `root` to a value inside it. */
function placeOf(value: unknown, root: unknown, path: string): string | undefined {
  if (Object.is(value, root)) return path;
  if (typeof root !== "object" || root === null) return undefined;
  for (const [key, member] of Object.entries(root)) {
    if (member === undefined && !Array.isArray(root)) continue;
    const place = placeOf(value, member, Array.isArray(root) ? `${path}[${key}]` : `${path}.${key}`);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** SHA-256 of the canonical JSON, in hexadecimal: equal values have equal hashes on every machine. */
export function hashJson(value: unknown): string {
  return hash("sha256", canonicalJson(value), "hex");
}

/**
 * Parses text that came from outside.
 *
 * @param what - What the text is, for the message ("the space of study 'a'").
 * @throws ArgminError `json/invalid` if it is not JSON.
 */
export function parseJson(text: string, what: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch (error) {
    throw new ArgminError("json/invalid", `${what} is not valid JSON: ${messageOf(error)}.`, { cause: error });
  }
}

/** Whether a parsed value is an object, as opposed to an array, a scalar or null. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
