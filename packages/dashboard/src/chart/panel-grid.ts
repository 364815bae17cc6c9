import { grouped } from "@argmin/base";
import { fit, type Picture, type SvgContent, type Theme } from "@argmin/pictures";
import { shareText } from "../scale/words.ts";
import { resultName, type ChartedStudy } from "./charted-study.ts";
import { label, nameStyle, type Box } from "./frame.ts";
import { legend, type LegendItem } from "./legend.ts";

/** Plots side by side under one legend. */
export interface PanelGrid {
  readonly title: string;
  readonly description: string;
  readonly columns: number;
  readonly panelHeight: number;
  readonly key: readonly LegendItem[];
  readonly panels: readonly ((box: Box) => SvgContent)[];
}

const width = 960;
/** The last label of an axis, and marks at its end, reach a little beyond it. */
export const overhang = 6;
const gap = { x: 26, y: 20 } as const;

/** The picture of them all; what the vertical axes measure stands above the first. */
export function panelGrid(study: ChartedStudy, grid: PanelGrid, theme: Theme): Picture {
  const { title, description, panelHeight, panels } = grid;
  const columns = Math.max(1, Math.min(grid.columns, panels.length));
  const panelWidth = panelWidthOf(columns);
  const key = legend(grid.key, { x: 0, y: 24, width, theme });
  const top = 24 + key.height + 14;
  const rows = Math.ceil(panels.length / columns);
  return {
    width,
    height: top + rows * (panelHeight + gap.y) - gap.y + 6,
    title,
    description,
    content: [
      label(fit(`Up: ${resultName(study)}`, width, nameStyle), 0, 14, { fill: theme.text, style: nameStyle }),
      key.content,
      panels.map((panel, i) =>
        panel({
          x: (i % columns) * (panelWidth + gap.x),
          y: top + Math.floor(i / columns) * (panelHeight + gap.y),
          width: panelWidth,
          height: panelHeight,
        }),
      ),
    ],
  };
}

/** The width of each of so many plots side by side: a few are not made wider than they want to be. */
export function panelWidthOf(columns: number): number {
  return Math.min(460, (width - overhang - gap.x * (columns - 1)) / columns);
}

/** The share of the variance, where it can be told; and of a parameter that is not always there in how many trials it was. */
export function factsOf({ analysis }: ChartedStudy, parameter: string): { readonly active: string; readonly share: string } {
  const { fanova, confidence, correlations, counts } = analysis;
  const isTold = confidence.level === "rough" || confidence.level === "sound";
  const share = isTold ? fanova?.importances.parameters.find(({ label }) => label === parameter)?.importance : undefined;
  const active = correlations.parameters.find(({ label }) => label === parameter)?.trials ?? counts.used;
  return {
    active: active === counts.used ? "" : `active in ${grouped(active)} of ${grouped(counts.used)}`,
    share: share === undefined ? "" : shareText(share),
  };
}
