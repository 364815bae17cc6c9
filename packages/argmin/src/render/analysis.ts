import type { Analysis } from "@argmin/search";
import { formatAmount, formatCount, formatNumber } from "./format.ts";
import { indent } from "./summary.ts";

/** What the terminal tells of an analysis. */
export interface ShownAnalysis {
  readonly study: string;
  readonly metric: string;
  readonly best: { readonly number: number; readonly value: number } | undefined;
  readonly analysis: Analysis;
  /** How the report's path is shown. */
  readonly report: string;
  /** How many charts have files. */
  readonly drawn: number;
  readonly notDrawn: readonly { readonly title: string; readonly why: string }[];
}

/** Counts, a warning if there is one, what the trials show, the space for the next search, and where the report is. */
export function renderAnalysis({ study, metric, best, analysis, report, drawn, notDrawn }: ShownAnalysis): string {
  const { counts, confidence, sentences, narrowed } = analysis;
  const parts = (["complete", "pruned", "paused", "failed", "running", "waiting"] as const).filter((state) => counts[state] > 0);
  const states = parts.map((state) => `${formatCount(counts[state])} ${state}`);
  const heading = [`Study '${study}': ${formatAmount(counts.total, "trial")}`, ...states].join(", ");
  const result = best === undefined ? "no result yet" : `best ${metric} ${formatNumber(best.value)} (trial ${best.number})`;
  const told = sentences.filter(({ about }) => about !== "confidence").map(({ text }) => text);
  const files = [
    `The report: ${report}`,
    ...(drawn === 0 ? [] : [`${formatAmount(drawn, "chart")} beside it, each as a file of its own`]),
    ...byReason(notDrawn).map(([why, titles]) => `Not drawn: ${titles.join("; ")}. ${why}`),
  ];
  return [
    `${heading}; ${result}`,
    ...(confidence.reason === null ? [] : [`${warnings[confidence.level]}: ${confidence.reason}`]),
    ...(told.length === 0 ? [] : [told.map((text) => `- ${text}`).join("\n")]),
    "A space for the next search",
    indent(narrowed.code.trimEnd()),
    files.join("\n"),
  ].join("\n\n");
}

/** Most charts that have nothing to draw have none for the same reason. */
function byReason(notDrawn: ShownAnalysis["notDrawn"]): readonly (readonly [why: string, titles: readonly string[]])[] {
  const reasons = [...new Set(notDrawn.map(({ why }) => why))];
  return reasons.map((reason) => [reason, notDrawn.filter(({ why }) => why === reason).map(({ title }) => title)]);
}

const warnings: { readonly [L in Analysis["confidence"]["level"]]: string } = {
  none: "Too little to say what matters",
  unexplained: "No importance can be told",
  rough: "Only roughly",
  sound: "Note",
};
