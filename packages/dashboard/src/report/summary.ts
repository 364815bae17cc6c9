import { counted, grouped } from "@argmin/base";
import { fateOf, fateWords } from "../chart/fate.ts";
import { numberWords, shareText } from "../scale/words.ts";
import { breakable, durationText, momentText, nameCode, parameterText } from "./format.ts";
import { html, type Html } from "./html.ts";
import type { Space } from "@argmin/search";
import type { StudyReport } from "./study-report.ts";
import { bestTrials, durationOf, timesOf, type ResultTrial } from "./trial-facts.ts";

/** What the study is, how far it came and what it shows, before anything else. */
export function summaryContent(report: StudyReport): Html {
  const { analysis } = report;
  const told = analysis.sentences.filter(({ about }) => about !== "confidence");
  return html`<dl class="tiles">
      ${tilesOf(report).map(
        ([name, value, note]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}${note !== "" && html` <small>${note}</small>`}</dd>
          </div>`,
      )}
    </dl>
    ${warning(report)}
    ${
      told.length === 0
        ? html`<p>${nothingTold(report)}</p>`
        : html`<ul class="sentences">
            ${told.map(({ text }) => html`<li>${sentenceHtml(text)}</li>`)}
          </ul>`
    }`;
}

/** A sentence of the analysis, with the names that stand in backticks as code. */
export function sentenceHtml(text: string): Html {
  return html`${text.split("`").map((part, i) => (i % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}

type Tile = readonly [name: string, value: string, note: string];

function tilesOf({ trials, result = "result", direction, analysis: { counts } }: StudyReport): readonly Tile[] {
  const [best] = bestTrials(trials, direction, 1);
  const times = timesOf(trials);
  const open = counts.waiting + counts.running;
  const unnumbered = trials.filter((trial) => fateOf(trial) === "no-number").length;
  const completed = [
    partText(counts.complete, counts.total),
    unnumbered === 0 ? "" : `${grouped(unnumbered)} ${fateWords["no-number"]}`,
  ];
  return [
    [
      `Best ${result}`,
      best === undefined ? "none yet" : numberWords(best.value, 6),
      best === undefined ? "" : `trial ${best.number}`,
    ],
    ["Trials", grouped(counts.total), open === 0 ? "" : `${grouped(open)} of them not ended`],
    ["Complete", grouped(counts.complete), completed.filter((note) => note !== "").join("; ")],
    ["Failed", grouped(counts.failed), partText(counts.failed, counts.total)],
    ["Pruned", grouped(counts.pruned), partText(counts.pruned, counts.total)],
    ...(counts.paused === 0 ? [] : [["Paused", grouped(counts.paused), partText(counts.paused, counts.total)] as const]),
    ...(counts.duplicates === 0 ? [] : [["Repeated", grouped(counts.duplicates), "had been tried before"] as const]),
    ...(times === undefined
      ? []
      : [["From first to last", durationText(times.to - times.from), `${durationText(times.busy)} in trials`] as const]),
  ];
}

/** Which share of all these are; nothing of none and of all. */
function partText(count: number, total: number): string {
  return count === 0 || count === total ? "" : shareText(count / total);
}

function warning({ analysis: { confidence } }: StudyReport): Html | undefined {
  if (confidence.reason === null) return undefined;
  const title = {
    none: "Too little to say what matters",
    unexplained: "The shares of the variance mean nothing here",
    rough: "A rough ranking",
    sound: "Note",
  }[confidence.level];
  return html`<p class="warning" role="note"><strong>${title}.</strong> ${sentenceHtml(confidence.reason)}</p>`;
}

function nothingTold({ analysis: { counts } }: StudyReport): string {
  if (counts.total === 0) return "The study has no trials yet: all that follows waits for them.";
  if (counts.used === 0) return `None of the ${counted(counts.total, "trial")} has a result that can be compared.`;
  return "Nothing stands out beyond chance so far.";
}

const tenBest = 10;

/** The best trial's parameters, and those of the best ten side by side. */
export function bestContent(report: StudyReport): Html {
  const { trials, direction, space, result = "result" } = report;
  const best = bestTrials(trials, direction, tenBest);
  const [first] = best;
  if (first === undefined) return html`<p>No trial has ended with a result yet.</p>`;
  return html`${bestParameters(first, report)}${best.length > 1 && comparison(best, space, result)}`;
}

function bestParameters(trial: ResultTrial, { space, result = "result" }: StudyReport): Html {
  const values = Object.entries(space.describe(trial.assignment));
  const duration = durationOf(trial);
  const rest = [
    ...(trial.finishedAt === undefined ? [] : [`, ended ${momentText(trial.finishedAt)}`]),
    ...(duration === undefined ? [] : [` after ${durationText(duration)}`]),
    values.length > 0 ? ", with" : ".",
  ];
  return html`<h3 id="report-best-parameters">Trial ${trial.number}</h3>
    <p>${result} <strong>${numberWords(trial.value, 6)}</strong>${rest}</p>
    ${
      values.length > 0 &&
      html`<dl class="pairs">
        ${values.map(
          ([label, value]) =>
            html`<div>
              <dt>${nameCode(label)}</dt>
              <dd>${breakable(parameterText(value, 6))}</dd>
            </div>`,
        )}
      </dl>`
    }`;
}

/** A column a trial: what the best have in common is a row of equal values. */
function comparison(best: readonly ResultTrial[], space: Space, result: string): Html {
  const described = best.map(({ assignment }) => space.describe(assignment));
  const labels = space.parameters.map(({ label }) => label).filter((label) => described.some((it) => Object.hasOwn(it, label)));
  const isPartial = labels.some((label) => described.some((it) => !Object.hasOwn(it, label)));
  const times = best.map(durationOf);
  const rows: readonly (readonly [name: Html, cells: readonly string[]])[] = [
    [html`${result}`, best.map(({ value }) => numberWords(value, 5))],
    ...(times.every((time) => time === undefined)
      ? []
      : [[html`time`, times.map((time) => (time === undefined ? "" : durationText(time)))] as const]),
    ...labels.map((label) => [nameCode(label), described.map((it) => parameterText(it[label], 3))] as const),
  ];
  return html`<h3 id="report-best-ten">The best ${best.length} side by side</h3>
    <div class="scrolls" tabindex="0" role="region" aria-labelledby="report-best-ten">
      <table class="compared">
        <thead>
          <tr>
            <th scope="col">trial</th>
            ${best.map(({ number }) => html`<th scope="col">${number}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([name, cells]) =>
              html`<tr>
                <th scope="row">${name}</th>
                ${cells.map((cell) => html`<td>${breakable(cell)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${isPartial && html`<p class="note">An empty cell: the parameter was not active in that trial.</p>`}`;
}
