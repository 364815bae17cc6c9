import { describeGallery } from "@argmin/pictures/testing";
import { fileURLToPath } from "node:url";
import {
  contourChart,
  historyChart,
  importanceChart,
  learningCurvesChart,
  outcomesChart,
  parallelCoordinatesChart,
  scatterMatrixChart,
  sliceChart,
  timelineChart,
  withHeading,
  type Chart,
  type ChartedStudy,
  type ChartOptions,
} from "@argmin/dashboard";
import type { Picture, Theme } from "@argmin/pictures";
import { studyOf, wideSpace } from "./studies.ts";

const network = studyOf({ trials: 60 });
const minimized = studyOf({ trials: 40, direction: "minimize" });
const wide = studyOf({ trials: 24, space: wideSpace });
const three = studyOf({ trials: 3 });

describeGallery({
  name: "charts of a study",
  folder: fileURLToPath(new URL("gallery", import.meta.url)),
  pictures: {
    history: pictureOf(historyChart, network),
    "history-minimized-dark": pictureOf(historyChart, minimized),
    importance: pictureOf(importanceChart, network),
    "importance-of-three": pictureOf(importanceChart, three),
    "scatter-matrix": pictureOf(scatterMatrixChart, network),
    "scatter-matrix-wide": pictureOf(scatterMatrixChart, wide),
    slices: pictureOf(sliceChart, network),
    contours: pictureOf(contourChart, network),
    "contours-minimized-dark": pictureOf(contourChart, minimized),
    "parallel-coordinates": pictureOf(parallelCoordinatesChart, network),
    "learning-curves": pictureOf(learningCurvesChart, network),
    timeline: pictureOf(timelineChart, network),
    "timeline-dark": pictureOf(timelineChart, minimized),
    outcomes: pictureOf(outcomesChart, network),
  },
});

function pictureOf(chart: (study: ChartedStudy, options: ChartOptions) => Chart, study: ChartedStudy): (theme: Theme) => Picture {
  return (theme) => withHeading(chart(study, { theme }), { theme })!;
}
