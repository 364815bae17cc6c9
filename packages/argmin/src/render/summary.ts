import type { JsonObject } from "@argmin/base";
import type { TrialDocument } from "../results/document.ts";
import { formatDuration, formatNumber, formatParameter, formatValue } from "./format.ts";
import { renderTable } from "./table.ts";

/** What a study came to. */
export interface Summary {
  readonly study: string;
  readonly metric: string;
  readonly best: TrialDocument;
  /** The result of the experiment's last step. */
  readonly finish: JsonObject | undefined;
}

/** The best parameters, the value they reached and what was made of them. */
export function renderBest({ study, metric, best, finish }: Summary): string {
  const time = best.duration === null ? [] : [["time", formatDuration(best.duration * 1000)]];
  const result = [["trial", String(best.number)], [metric, best.value === null ? "" : formatNumber(best.value)], ...time];
  return [
    `Best of study '${study}'`,
    renderPairs(result),
    "Parameters",
    renderPairs(Object.entries(best.params).map(([label, value]) => [label, formatParameter(value)])),
    ...(finish === undefined ? [] : ["Result", renderPairs(flatten(finish))]),
  ].join("\n\n");
}

/** Names on the left, values on the right, a little indented. */
export function renderPairs(rows: readonly (readonly string[])[]): string {
  return indent(renderTable([{ title: "" }, { title: "" }], rows));
}

export function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

/** Nested results as paths: `test.accuracy`. */
export function flatten(object: JsonObject, prefix = ""): readonly (readonly string[])[] {
  return Object.entries(object).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? flatten(Object.fromEntries(Object.entries(value)), `${prefix}${name}.`)
      : [[`${prefix}${name}`, formatValue(value)]],
  );
}
