import { listed, percentText } from "@argmin/base";
import type { Parameter, Space } from "../space/space.ts";
import type { Confidence } from "./confidence.ts";
import type { FailureRegion } from "./failure.ts";
import type { Fanova } from "./fanova.ts";
import type { OptionCount } from "./option-count.ts";
import type { Region } from "./region.ts";
import type { PairSurface } from "./surface.ts";
import type { TrialCounts } from "./table.ts";
import type { Winner } from "./winner.ts";
import { numberText, optionText, rangeText, valueText } from "./words.ts";

/** One thing that the trials show, in words. Names of parameters stand in backticks. */
export type Sentence = {
  readonly about: "confidence" | "trials" | "importance" | "interaction" | "region" | "winner" | "failure";
  /** The parameters it speaks of. */
  readonly labels: readonly string[];
  readonly text: string;
};

/** What the sentences are drawn from. */
export type Findings = {
  readonly space: Space;
  readonly counts: TrialCounts;
  readonly confidence: Confidence;
  /** Where results further out were taken as this one, and how many. */
  readonly clipped: { readonly value: number; readonly trials: number } | null;
  readonly fanova: Fanova | undefined;
  readonly surfaces: readonly PairSurface[];
  readonly regions: readonly Region[];
  readonly winners: readonly Winner[];
  readonly failures: readonly FailureRegion[];
};

/** Shares below these are not worth a sentence. */
const leastShare = 0.05;
const leastInteraction = 0.05;
const mostSentences = 5;
/** R^2 below which it is said how little it is. */
const littleExplained = 0.5;

/** What the trials show, the most important first; nothing is said that could as well be chance. */
export function sentencesOf(findings: Findings): readonly Sentence[] {
  const { space, confidence } = findings;
  const parameterOf = (label: string): Parameter => space.parameter(label)!;
  return [
    ...(confidence.reason === null ? [] : [{ about: "confidence" as const, labels: [], text: confidence.reason }]),
    ...importanceSentences(findings, parameterOf),
    ...findings.winners.map(({ label, option, wins, of }): Sentence => {
      const text = `\`${label} = ${optionText(parameterOf(label), option)}\` wins ${wins} of the ${of} best.`;
      return { about: "winner", labels: [label], text };
    }),
    ...findings.failures.map((failure) => failureSentence(failure, parameterOf(failure.label))),
    ...trialSentences(findings),
  ];
}

function importanceSentences(findings: Findings, parameterOf: (label: string) => Parameter): readonly Sentence[] {
  const { confidence, counts, fanova, regions, surfaces } = findings;
  const regionOf = (label: string): string | undefined => {
    const region = regions.find((it) => it.label === label);
    return region === undefined ? undefined : regionText(region, parameterOf(label), counts.used);
  };
  const isTold = fanova !== undefined && (confidence.level === "rough" || confidence.level === "sound");
  const told = isTold
    ? fanova.importances.parameters
        .filter(({ importance, standardError }) => importance >= leastShare && importance > (standardError ?? importance))
        .slice(0, mostSentences)
    : [];
  const sentences = told.map(({ label, importance, standardError }, i): Sentence => {
    const before = told[i - 1];
    const region = regionOf(label);
    const isTied = before !== undefined && fanova!.tied.includes(label);
    const text = [
      `\`${label}\` explains ${percentText(importance)} of the variance${giveOrTake(importance, standardError)}`,
      ...(isTied ? [`which cannot be told apart from \`${before.label}\``] : []),
    ].join(", ");
    return { about: "importance", labels: [label], text: region === undefined ? `${text}.` : `${text}; ${region}.` };
  });
  const others = regions.flatMap((region): readonly Sentence[] => {
    if (told.some(({ label }) => label === region.label)) return [];
    const text = regionText(region, parameterOf(region.label), counts.used);
    return text === undefined ? [] : [{ about: "region", labels: [region.label], text: `\`${region.label}\`: ${text}.` }];
  });
  const together = surfaces
    .filter(
      ({ interaction, standardError }) =>
        isTold && interaction >= leastInteraction && interaction > 2 * (standardError ?? interaction),
    )
    .map(({ labels, interaction }): Sentence => {
      const text = `\`${labels[0]}\` and \`${labels[1]}\` together explain ${percentText(interaction)} more: the effect of one depends on the other.`;
      return { about: "interaction", labels, text };
    });
  return [...sentences, ...together, ...(told.length === 0 ? [] : explainedSentences(fanova?.explained)), ...others];
}

/** Shares of a variance of which a model knows little are said to be that. */
function explainedSentences(explained: number | null | undefined): readonly Sentence[] {
  if (explained === undefined || explained === null || explained >= littleExplained) return [];
  const text = `The shares are those of a model that explains ${percentText(explained)} of the variance of trials it has not seen.`;
  return [{ about: "importance", labels: [], text }];
}

/** How far off a share may be, where that is much beside it. */
function giveOrTake(importance: number, error: number | null): string {
  return error !== null && error > importance / 4 ? ` (give or take ${Math.max(1, Math.round(error * 100))})` : "";
}

function regionText(region: Region, parameter: Parameter, used: number): string | undefined {
  if (region.kind === "none") return losersText(region.counts, parameter);
  const all = `${region.trials} of all ${region.trialsOf}${region.trialsOf < used ? " that have it" : ""}`;
  const share = `(${region.best} of the ${region.bestOf} best, ${all})`;
  if (region.kind === "options") {
    const options = region.options.map((option) => optionText(parameter, option));
    return `best ${options.length === 1 ? "is" : "are"} ${listed(options)} ${share}`;
  }
  const { from, to } = region;
  return from === to ? `best is ${valueText(parameter, from)} ${share}` : `best region ${rangeText(from, to)} ${share}`;
}

/** Options that lose where none is best: the next space is without them. */
function losersText(counts: readonly OptionCount[], parameter: Parameter): string | undefined {
  const losers = counts.filter(({ isLosing }) => isLosing);
  if (losers.length === 0) return undefined;
  const sum = (some: readonly OptionCount[], key: "best" | "trials"): number => some.reduce((total, it) => total + it[key], 0);
  const names = listed(losers.map(({ option }) => optionText(parameter, option)));
  const share = `${sum(losers, "best")} of the ${sum(counts, "best")} best, ${sum(losers, "trials")} of all ${sum(counts, "trials")}`;
  return `${names} ${losers.length === 1 ? "loses" : "lose"} (${share})`;
}

function failureSentence(failure: FailureRegion, parameter: Parameter): Sentence {
  const { label, kind, value, failed, trials, failedElsewhere, trialsElsewhere } = failure;
  const where =
    kind === "option" ? `with \`${label} = ${valueText(parameter, value)}\`` : `with \`${label}\` ${kind} ${numberText(value)}`;
  const text = `Trials ${where} failed ${percentText(failed / trials)} of the time (${failed} of ${trials}); elsewhere ${failedElsewhere} of ${trialsElsewhere} did.`;
  return { about: "failure", labels: [label], text };
}

function trialSentences({ counts, clipped }: Findings): readonly Sentence[] {
  const about = "trials";
  const unused = counts.complete + counts.pruned + counts.paused - counts.used - counts.nonFinite - counts.withoutValue;
  const stopped = counts.paused === 0 ? "pruned" : counts.pruned === 0 ? "paused" : "pruned or paused";
  const texts = [
    ...(clipped === null
      ? []
      : [
          `${plural(clipped.trials, "result is", "results are")} far out and ${clipped.trials === 1 ? "counts" : "count"} as ${numberText(clipped.value)}, so that ${clipped.trials === 1 ? "it does" : "they do"} not hide the rest.`,
        ]),
    ...(counts.nonFinite === 0
      ? []
      : [
          `${plural(counts.nonFinite, "trial with an infinite or undefined value is", "trials with infinite or undefined values are")} left out.`,
        ]),
    ...(unused <= 0
      ? []
      : [
          `${plural(unused, `${stopped} trial is`, `${stopped} trials are`)} left out: ${unused === 1 ? "it was" : "they were"} measured earlier than the others.`,
        ]),
    ...(counts.withoutValue === 0
      ? []
      : [
          `${plural(counts.withoutValue, "trial", "trials")} ended before ${counts.withoutValue === 1 ? "it" : "they"} had a value, pruned or rejected.`,
        ]),
    ...(counts.duplicates === 0
      ? []
      : [`${plural(counts.duplicates, "trial repeats", "trials repeat")} an earlier configuration.`]),
  ];
  return texts.map((text) => ({ about, labels: [], text }));
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
