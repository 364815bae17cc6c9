import { confusedPairs, type ClassificationScores, type LabelSet } from "@argmin/vision";
import { formatAmount, formatCount } from "./format.ts";
import { formatShare } from "./predictions.ts";
import { indent, renderPairs } from "./summary.ts";
import { renderTable, type Column } from "./table.ts";

/** How well a network names images, in sentences. */
export function factsOf({ images, accuracy, topFiveAccuracy, calibration }: ClassificationScores): readonly string[] {
  const amongFive =
    topFiveAccuracy === undefined ? "" : `; for ${exactShare(topFiveAccuracy)} the right class is among its five likeliest`;
  return [
    `It names ${exactShare(accuracy)} of ${formatCount(images)} test images rightly${amongFive}.`,
    `Where it is p % sure it is right in p % of all cases, give or take ${formatShare(calibration.error)} on average (its calibration error).`,
  ];
}

/** With so many classes all are shown, with more only the worst and the best of them. */
const mostClasses = 24;
const shownEnds = 10;
const shownPairs = 10;

/** Accuracy, classes and what is taken for what. */
export function renderEvaluation(scores: ClassificationScores, { classes: names, groups }: LabelSet, output?: string): string {
  const { accuracy, topFiveAccuracy, calibration, confusion, classes } = scores;
  const figures = [
    ["accuracy", exactShare(accuracy)],
    ...(topFiveAccuracy === undefined ? [] : [["among its five likeliest", exactShare(topFiveAccuracy)]]),
    ["calibration error", formatShare(calibration.error)],
  ];
  const ranked = classes
    .flatMap((each, i) => (each.images > 0 ? [{ each, i }] : []))
    .toSorted((a, b) => (a.each.accuracy ?? 0) - (b.each.accuracy ?? 0) || a.i - b.i);
  const row = ({ i, each: { images, right, accuracy: own = 0, precision } }: (typeof ranked)[number]): readonly string[] => [
    plain(names[i]!),
    ...(groups === undefined ? [] : [plain(groups[i]!)]),
    `${right} of ${images}`,
    formatShare(own),
    precision === undefined ? "never said" : formatShare(precision),
  ];
  const columns: readonly Column[] = [
    { title: "class" },
    ...(groups === undefined ? [] : [{ title: "group" }]),
    { title: "named rightly", align: "right" },
    { title: "share", align: "right" },
    { title: "right when said", align: "right" },
  ];
  const table = (rows: typeof ranked): string => indent(renderTable(columns, rows.map(row)));
  const pairs = confusedPairs(confusion, shownPairs).map(({ first, second, firstAsSecond, secondAsFirst }) => [
    `${plain(names[first]!)}, ${plain(names[second]!)}`,
    formatAmount(firstAsSecond + secondAsFirst, "image"),
    `${firstAsSecond} of the first taken for the second, ${secondAsFirst} the other way`,
  ]);
  const isShort = ranked.length <= mostClasses;
  return [
    ...(output === undefined ? [] : [`Output ${output}`]),
    renderPairs(figures),
    ...(isShort
      ? ["Classes", table(ranked)]
      : [
          "The classes that it names worst",
          table(ranked.slice(0, shownEnds)),
          "and best",
          table(ranked.slice(-shownEnds).toReversed()),
        ]),
    ...(pairs.length === 0
      ? ["Nothing is confused."]
      : ["Confused most often", indent(renderTable([{ title: "" }, { title: "", align: "right" }, { title: "" }], pairs))]),
  ].join("\n\n");
}

/** Of ten thousand images an accuracy has two decimals. */
function exactShare(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function plain(name: string): string {
  return name.replaceAll("_", " ");
}
