import { isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";

/** What a program has said of how it stands. */
export interface ProgramReport {
  /** The step it names: a whole number from 0. */
  readonly step: number | undefined;
  /** Numbers by name; one inside an object is `object.name`. NaN and infinities are kept. */
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Metrics as a program writes them: one JSON object a line, such as `{"step": 3, "loss": 0.52}`. Python's `NaN` and `Infinity`, which are not JSON, are
 * read as it means them. What is no number is left out.
 *
 * @returns undefined for a line that is no JSON object or has no number in it: something else that the program says.
 */
export function parseMetrics(line: string): ProgramReport | undefined {
  const text = line.trim();
  if (!text.startsWith("{") || !text.endsWith("}")) return undefined;
  const object = parseObject(text);
  return object === undefined ? undefined : reportOf(object);
}

function reportOf({ step, ...others }: JsonObject): ProgramReport | undefined {
  const metrics: Record<string, number> = {};
  collect(others, "", metrics);
  if (Object.keys(metrics).length === 0) return undefined;
  return { step: typeof step === "number" && Number.isSafeInteger(step) && step >= 0 ? step : undefined, metrics };
}

function collect(object: JsonObject, prefix: string, metrics: Record<string, number>): void {
  for (const [name, value] of Object.entries(object)) {
    const path = `${prefix}${name}`;
    const number = numberOf(value);
    if (number !== undefined) metrics[path] = number;
    else if (isJsonObject(value)) collect(value, `${path}.`, metrics);
  }
}

/** JSON has no word for these; they travel as texts that nobody would write. */
const marked: Readonly<Record<string, number>> = {
  "\u0000NaN": Number.NaN,
  "\u0000Infinity": Number.POSITIVE_INFINITY,
  "\u0000-Infinity": Number.NEGATIVE_INFINITY,
};

function numberOf(value: JsonValue): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" ? marked[value] : undefined;
}

function parseObject(text: string): JsonObject | undefined {
  const value = parse(text) ?? parse(markNumbers(text));
  return isJsonObject(value) ? value : undefined;
}

function parse(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** Outside of texts, which stay as they are. */
function markNumbers(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (found) =>
    found.startsWith('"') ? found : `"\\u0000${found}"`,
  );
}
