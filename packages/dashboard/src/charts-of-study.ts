import type { Chart } from "./chart.ts";
import type { ChartOptions } from "./chart/chart-parts.ts";
import type { ChartedStudy } from "./chart/charted-study.ts";
import { historyChart } from "./chart/history-chart.ts";
import { importanceChart } from "./chart/importance-chart.ts";

/** Every chart of a study, what people ask first at the beginning. */
export function chartsOfStudy(study: ChartedStudy, options: ChartOptions): readonly Chart[] {
  return [historyChart, importanceChart].map((chart) => chart(study, options));
}
