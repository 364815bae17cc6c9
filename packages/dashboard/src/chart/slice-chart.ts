import type { Chart } from "../chart.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import { mostHints } from "./hint.ts";
import { labelsByImportance, rankedTrials, whyNoResult, type ChartedStudy } from "./charted-study.ts";
import { lineItem, rankItems, ringItem, squareItem } from "./legend.ts";
import { factsOf, panelGrid, panelWidthOf } from "./panel-grid.ts";
import { drawPanel, headLinesOf } from "./parameter-panel.ts";
import { resultScale } from "./result-scale.ts";
import { thinned } from "./thin.ts";

const name = "slices";
const title = "Along the most important hyper-parameters";
const shownParameters = 6;
const mostMarks = 6000;
const columns = 3;

export interface SliceOptions extends ChartOptions {
  /** Which parameters; the six most important unless given. Labels that the space does not have are left out. */
  readonly labels?: readonly string[];
}

/** Results along some parameters with what a model of all trials expects there, and the region in which the best lie. */
export function sliceChart(study: ChartedStudy, { theme, labels }: SliceOptions): Chart {
  const { space, direction, analysis } = study;
  const wanted = labels ?? labelsByImportance(study).slice(0, shownParameters);
  const parameters = wanted.flatMap((label) => space.parameter(label) ?? []);
  const why = whyNoResult(study) ?? (parameters.length === 0 ? "This study has no such parameters." : undefined);
  if (why !== undefined) return nothing(name, title, why);
  const ranked = rankedTrials(study);
  const results = resultScale(
    study,
    ranked.map(({ value }) => value),
  );
  const { kept, note } = thinned(ranked, Math.floor(mostMarks / parameters.length));
  const panels = parameters.map((parameter) => {
    const curve = analysis.curves.find(({ label }) => label === parameter.label);
    const region = analysis.regions.find(({ label }) => label === parameter.label);
    return {
      parameter,
      facts: factsOf(study, parameter.label),
      trials: kept,
      results,
      ...(curve === undefined ? {} : { curve }),
      ...(region === undefined ? {} : { region }),
    };
  });
  const headLines = headLinesOf(panels, panelWidthOf(columns));
  const radius = kept.length > 250 ? 2 : 3;
  const isMinimized = direction === "minimize";
  const isHinted = kept.length * panels.length <= mostHints;
  const hasCurve = panels.some(({ curve }) => curve !== undefined);
  const hasRegion = panels.some(({ region }) => region !== undefined && region.kind !== "none");
  const picture = panelGrid(
    study,
    {
      title,
      description: `Plots of the result along ${parameters.map(({ label }) => label).join(", ")}.`,
      columns,
      panelHeight: 250,
      key: [
        ...(hasCurve ? [lineItem("expected, with one standard error", theme.series[1]!, 3)] : []),
        ...(hasRegion ? [squareItem("where the best lie more often than chance has it", theme.highlight, 0.2)] : []),
        ...rankItems(theme),
        ringItem("the best", theme),
      ],
      panels: panels.map((panel) => (box) => drawPanel(panel, box, { theme, radius, isMinimized, headLines, isHinted })),
    },
    theme,
  );
  return {
    name,
    title,
    ...notes(
      hasCurve
        ? "What is expected averages over all other hyper-parameters."
        : "There are too few different results to say what is expected.",
      panels.some(({ facts }) => facts.share !== "") ? "The percentage beside a name is its share of the variance." : undefined,
      note,
      results.note,
    ),
    content: { kind: "picture", picture },
  };
}
