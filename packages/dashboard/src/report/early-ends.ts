import { grouped } from "@argmin/base";
import { fateWords } from "../chart/fate.ts";
import { html, type Html } from "./html.ts";
import type { StudyReport } from "./study-report.ts";
import { sentenceHtml } from "./summary.ts";
import { earlyEnds, type EarlyEnd } from "./trial-facts.ts";

const shownReasons = 20;
const shownNumbers = 8;

/** The trials that failed, were rejected or pruned, by their reasons. */
export function earlyEndContent({ trials, analysis }: StudyReport): Html {
  const ends = earlyEnds(trials);
  const told = analysis.sentences.filter(({ about }) => about === "failure");
  return html`${told.map(({ text }) => html`<p>${sentenceHtml(text)}</p>`)}
  ${ends.length === 0 ? html`<p>No trial failed, and none was pruned or rejected.</p>` : endTable(ends)}`;
}

function endTable(ends: readonly EarlyEnd[]): Html {
  const rest = ends.slice(shownReasons);
  const others = rest.reduce((sum, { numbers }) => sum + numbers.length, 0);
  return html`<div class="scrolls" tabindex="0" role="region" aria-labelledby="report-ends">
      <table>
        <thead>
          <tr>
            <th scope="col" class="words">what</th>
            <th scope="col" class="words">why</th>
            <th scope="col">trials</th>
            <th scope="col" class="words">which</th>
          </tr>
        </thead>
        <tbody>
          ${ends.slice(0, shownReasons).map(
            ({ fate, reason, code, numbers }) =>
              html`<tr>
                <td class="words">${fateWords[fate]}</td>
                <td class="words reason">${reason}${code !== undefined && html` <code class="muted">${code}</code>`}</td>
                <td>${grouped(numbers.length)}</td>
                <td class="words">${whichText(numbers)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${rest.length > 0 && html`<p class="note">And ${grouped(rest.length)} reasons more, of ${grouped(others)} trials.</p>`}
    <p class="note">Messages that differ in their numbers only are counted together; the first one is shown.</p>`;
}

function whichText(numbers: readonly number[]): string {
  return numbers.slice(0, shownNumbers).join(", ") + (numbers.length > shownNumbers ? ", …" : "");
}
