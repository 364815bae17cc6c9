import type { Chart } from "../chart.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import { mostHints } from "./hint.ts";
import { labelsByImportance, rankedTrials, whyNoResult, type ChartedStudy } from "./charted-study.ts";
import { rankItems, ringItem } from "./legend.ts";
import { factsOf, panelGrid, panelWidthOf } from "./panel-grid.ts";
import { drawPanel, headLinesOf } from "./parameter-panel.ts";
import { resultScale } from "./result-scale.ts";
import { thinned } from "./thin.ts";

const name = "scatter-matrix";
const title = "Every hyper-parameter against the result";
/** Of all plots together: more make files large and pictures no clearer. */
const mostMarks = 12_000;
const columns = 4;

/** A small plot for each hyper-parameter, the most important first: every trial's value and result, coloured by rank. */
export function scatterMatrixChart(study: ChartedStudy, { theme }: ChartOptions): Chart {
  const { space, direction } = study;
  const why = whyNoResult(study) ?? (space.parameters.length === 0 ? "This study has no parameters yet." : undefined);
  if (why !== undefined) return nothing(name, title, why);
  const ranked = rankedTrials(study);
  const results = resultScale(
    study,
    ranked.map(({ value }) => value),
  );
  const most = Math.max(150, Math.floor(mostMarks / space.parameters.length));
  const { kept, note } = thinned(ranked, most);
  const labels = labelsByImportance(study);
  const radius = kept.length > 250 ? 1.7 : 2.6;
  const panels = labels.map((parameter) => ({
    parameter: space.parameter(parameter)!,
    facts: factsOf(study, parameter),
    trials: kept,
    results,
  }));
  const isRanked = panels.some(({ facts }) => facts.share !== "");
  const isMinimized = direction === "minimize";
  const isHinted = kept.length * panels.length <= mostHints;
  const headLines = headLinesOf(panels, panelWidthOf(columns));
  const picture = panelGrid(
    study,
    {
      title,
      description: `${labels.length} plots, the most important hyper-parameter first: ${labels.slice(0, 5).join(", ")}.`,
      columns,
      panelHeight: 168,
      key: [...rankItems(theme), ringItem("the best", theme)],
      panels: panels.map((panel) => (box) => drawPanel(panel, box, { theme, radius, isMinimized, headLines, isHinted })),
    },
    theme,
  );
  return {
    name,
    title,
    ...notes(
      isRanked ? "The percentage beside a name is its share of the variance." : undefined,
      "Trials with the same value are spread a little.",
      note,
      results.note,
    ),
    content: { kind: "picture", picture },
  };
}
