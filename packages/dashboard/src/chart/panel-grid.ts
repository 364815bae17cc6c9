import { type SvgContent, type Theme } from "@argmin/pictures";
import { percentText } from "@argmin/search";
import { grouped } from "../scale/words.ts";
import type { ChartedStudy, RankedTrial } from "./charted-study.ts";
import { resultName } from "./charted-study.ts";
import { label, nameStyle, type Box } from "./frame.ts";
import { legend, type LegendItem } from "./legend.ts";
import type { Picture } from "@argmin/pictures";

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
const gap = { x: 26, y: 20 } as const;

/** The picture of them all; what the vertical axes measure stands above the first. */
export function panelGrid(study: ChartedStudy, grid: PanelGrid, theme: Theme): Picture {
  const { title, description, panelHeight, panels } = grid;
  const columns = Math.max(1, Math.min(grid.columns, panels.length));
  // A few plots are not made wider than they want to be.
  const panelWidth = Math.min(460, (width - gap.x * (columns - 1)) / columns);
  const key = legend(grid.key, { x: 0, y: 24, width, theme });
  const top = 24 + key.height + 14;
  const rows = Math.ceil(panels.length / columns);
  return {
    width,
    height: top + rows * (panelHeight + gap.y) - gap.y + 6,
    title,
    description,
    content: [
      label(`Up: ${resultName(study)}`, 0, 14, { fill: theme.text, style: nameStyle }),
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

/** "24 % of the variance", and of a parameter that is not always there in how many trials it was. */
export function factsOf(study: ChartedStudy, ranked: readonly RankedTrial[], parameter: string): string {
  const { fanova, confidence } = study.analysis;
  const isTold = confidence.level === "rough" || confidence.level === "sound";
  const share = isTold ? fanova?.importances.parameters.find(({ label }) => label === parameter)?.importance : undefined;
  const active = ranked.reduce((count, { assignment }) => count + (Object.hasOwn(assignment, parameter) ? 1 : 0), 0);
  return [
    ...(active === ranked.length ? [] : [`active in ${grouped(active)} of ${grouped(ranked.length)}`]),
    ...(share === undefined ? [] : [percentText(share)]),
  ].join(" · ");
}
