import type { Chart } from "./chart.ts";
import type { ChartOptions } from "./chart/chart-parts.ts";
import type { ChartedStudy } from "./chart/charted-study.ts";
import { contourChart } from "./chart/contour-chart.ts";
import { historyChart } from "./chart/history-chart.ts";
import { importanceChart } from "./chart/importance-chart.ts";
import { learningCurvesChart } from "./chart/learning-curves-chart.ts";
import { outcomesChart } from "./chart/outcomes-chart.ts";
import { parallelCoordinatesChart } from "./chart/parallel-coordinates-chart.ts";
import { scatterMatrixChart } from "./chart/scatter-matrix-chart.ts";
import { sliceChart } from "./chart/slice-chart.ts";
import { timelineChart } from "./chart/timeline-chart.ts";

/** Every chart of a study, what people ask first at the beginning. */
export function chartsOfStudy(study: ChartedStudy, options: ChartOptions): readonly Chart[] {
  return charts.map((chart) => chart(study, options));
}

const charts = [
  historyChart,
  importanceChart,
  scatterMatrixChart,
  sliceChart,
  contourChart,
  parallelCoordinatesChart,
  learningCurvesChart,
  timelineChart,
  outcomesChart,
];
