import { createHash } from "node:crypto";
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
  return write(value, "$");
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return JSON.stringify(value);
    throw new ArgminError("json/invalid", `JSON has no word for ${value} at ${path}; give a finite number.`);
  }
  if (Array.isArray(value)) return `[${value.map((item, i) => write(item, `${path}[${i}]`)).join(",")}]`;
  if (typeof value === "object" && Object.prototype.toString.call(value) === "[object Object]") {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${write(member, `${path}.${key}`)}`);
    return `{${members.join(",")}}`;
  }
  throw new ArgminError(
    "json/invalid",
    `JSON has no word for ${Object.prototype.toString.call(value)} at ${path}; give plain data.`,
  );
}

/** SHA-256 of the canonical JSON, in hexadecimal: equal values have equal hashes on every machine. */
export function hashJson(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
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
