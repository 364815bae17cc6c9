import { isJsonObject, type JsonValue } from "@argmin/base";
import { durationWords, numberWords } from "../scale/words.ts";
import { html, type Html } from "./html.ts";

/** A parameter's value as `Space.describe` gives it: `none` where that was chosen, an option without a name by its place. */
export function parameterText(value: JsonValue | undefined, digits: number): string {
  if (value === undefined) return "";
  if (value === null) return "none";
  if (typeof value === "number") return numberWords(value, digits);
  if (typeof value === "string") return value;
  if (!isJsonObject(value) || typeof value["option"] !== "number") return JSON.stringify(value);
  const { option, ...names } = value;
  const [name] = Object.values(names);
  return name === undefined ? `option ${option}` : parameterText(name, digits);
}

/** A moment in universal time: `2026-11-22 04:07 UTC`. */
export function momentText(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** A time span of which no line ends between a number and its unit. */
export function durationText(milliseconds: number): string {
  return durationWords(milliseconds).replaceAll(/(?<=\d) (?=[a-z])/g, "\u00A0");
}

/** A name that is broken between its parts where it must be and can be. */
export function breakable(name: string): Html {
  return html`${name.split(/(?<=[\p{L}\d][_/]|\p{L}\.)(?=[\p{L}\d])/u).map((part, i) => (i === 0 ? part : html`<wbr />${part}`))}`;
}

/** Such a name as it stands in code. */
export function nameCode(name: string): Html {
  return html`<code>${breakable(name)}</code>`;
}
