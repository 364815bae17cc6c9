import { grouped, percentText } from "@argmin/base";
import { rangeText, valueText, type Analysis, type Correlation, type Parameter, type Region } from "@argmin/search";
import { labelsByImportance } from "../chart/charted-study.ts";
import { numberWords, shareText } from "../scale/words.ts";
import { nameCode } from "./format.ts";
import { html, type Html } from "./html.ts";
import type { StudyReport } from "./study-report.ts";

/** Every parameter with its importance by three methods and its best region. */
export function importanceContent(report: StudyReport): Html {
  const { analysis, space } = report;
  const labels = labelsByImportance(report);
  if (analysis.counts.used === 0) return html`<p>No trial has a result yet, so nothing can be ranked.</p>`;
  if (labels.length === 0) return html`<p>The space has no parameters.</p>`;
  return importanceTable(labels, analysis, (label) => space.parameter(label));
}

function importanceTable(
  labels: readonly string[],
  analysis: Analysis,
  parameterOf: (label: string) => Parameter | undefined,
): Html {
  const { fanova, pedAnova, regions } = analysis;
  const trends: readonly Correlation[] = analysis.correlations.parameters;
  const rows = labels.map((label) => {
    const share = fanova?.importances.parameters.find((it) => it.label === label);
    const among = pedAnova.parameters.find((it) => it.label === label);
    const trend = trends.find((it) => it.label === label);
    const region = regions.find((it) => it.label === label);
    const parameter = parameterOf(label);
    return html`<tr>
      <th scope="row">${nameCode(label)}</th>
      <td>${share === undefined ? "–" : shareWithError(share)}</td>
      <td>${among === undefined ? "–" : numberWords(among.importance, 3)}</td>
      <td>
        ${trend === undefined ? "–" : trend.kind === "spearman" ? signedText(trend.coefficient) : percentText(trend.importance)}
      </td>
      <td class="words">${region === undefined || parameter === undefined ? "" : regionText(region, parameter)}</td>
      <td>${share === undefined ? grouped(trend?.trials ?? 0) : grouped(share.trials)}</td>
    </tr>`;
  });
  const doubtful = analysis.confidence.level === "none" || analysis.confidence.level === "unexplained";
  return html`${doubtful && html`<p class="warning" role="note">Read these figures as those of chance: see the warning above.</p>`}
    <div class="scrolls" tabindex="0" role="region" aria-labelledby="report-importance">
      <table>
        <thead>
          <tr>
            <th scope="col">parameter</th>
            <th scope="col">share of the variance (fANOVA)</th>
            <th scope="col">among the best (PED-ANOVA)</th>
            <th scope="col">trend (correlation of ranks)</th>
            <th scope="col" class="words">best region</th>
            <th scope="col">trials</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    <p class="note">
      fANOVA: how much of the variance of the results the parameter explains by itself, everything else averaged out. PED-ANOVA:
      how differently the best tenth of the trials is spread along it. Trend: from −1 to 1, positive where larger values go with
      larger results; of a choice the share of the ranks’ variance between its options. Trials: those in which the parameter was
      active.
    </p>`;
}

/** One too small to matter has an error that is no smaller, and neither says anything. */
function shareWithError({
  importance,
  standardError,
}: {
  readonly importance: number;
  readonly standardError: number | null;
}): string {
  return shareText(importance) + (importance < 0.001 ? "" : errorText(standardError));
}

function errorText(error: number | null): string {
  return error === null ? "" : ` ± ${Number((error * 100).toPrecision(error < 0.1 ? 1 : 2))}`;
}

function signedText(coefficient: number | null): string {
  if (coefficient === null) return "–";
  const text = Math.abs(coefficient).toFixed(2);
  if (text === "0.00") return text;
  return `${coefficient > 0 ? "+" : "−"}${text}`;
}

const reasons: { readonly [R in Extract<Region, { kind: "none" }>["reason"]]: string } = {
  constant: "does not vary",
  "too few trials": "too few trials",
  "all alike": "all results alike",
  "no better than chance": "none beyond chance",
};

function regionText(region: Region, parameter: Parameter): Html {
  if (region.kind === "none") return html`<span class="muted">${reasons[region.reason]}</span>`;
  if (region.kind === "interval") return html`${rangeText(region.from, region.to)}`;
  return html`${region.options.map((option) => valueText(parameter, optionValue(parameter, option))).join(", ")}`;
}

/** A `randint` counts as a choice there; its options are numbers. */
function optionValue({ domain }: Parameter, option: number): number {
  return domain.kind === "lattice" ? domain.first + option * domain.step : option;
}
