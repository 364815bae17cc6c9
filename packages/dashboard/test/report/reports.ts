import { adaptiveTheme, svg } from "@argmin/pictures";
import { chartsOfStudy, type Chart, type ChartedStudy, type StudyReport } from "@argmin/dashboard";

/** The report of a study with all its charts, or with those given. */
export function reportOf(study: ChartedStudy, charts?: readonly Chart[]): StudyReport {
  return {
    ...study,
    study: "small",
    summary: "a network that is small",
    charts: charts ?? chartsOfStudy(study, { theme: adaptiveTheme }),
    createdAt: Date.UTC(2026, 2, 1, 8, 59),
    writtenAt: Date.UTC(2026, 2, 2, 10),
  };
}

/** A chart with a clip, a gradient and references to both. */
export function clippedChart(name: string): Chart {
  const content = [
    svg.defs({}, svg.clipPath({ id: "inside" }, svg.rect({ x: 0, y: 0, width: 50, height: 50 }))),
    svg.linearGradient({ id: "scale" }, svg.stop({ offset: 0, stopColor: adaptiveTheme.text })),
    svg.g({ clipPath: "url(#inside)" }, svg.rect({ x: 0, y: 0, width: 100, height: 100, fill: "url(#scale)" })),
    svg.text({ x: 5, y: 20, fill: adaptiveTheme.text }, "a url(#inside) in a text"),
  ];
  return {
    name,
    title: `Chart ${name}`,
    content: { kind: "picture", picture: { width: 100, height: 100, title: name, content } },
  };
}
