import { counted } from "@argmin/base";
import { chartContent } from "./charts.ts";
import { earlyEndContent } from "./early-ends.ts";
import { breakable, momentText } from "./format.ts";
import { html, trusted, type Html } from "./html.ts";
import { importanceContent } from "./importances.ts";
import { nextSpaceContent } from "./next-space.ts";
import { reportScript, scriptDigest } from "./script.ts";
import type { StudyReport } from "./study-report.ts";
import { reportStyle } from "./style.ts";
import { bestContent, summaryContent } from "./summary.ts";
import { timesOf } from "./trial-facts.ts";

/**
 * A study's report as one HTML document that needs nothing else: no network, no further file. Light or dark as the reader likes, light on
 * paper. Everything in it is escaped, and a browser is told to run no script but the report's own.
 */
export function reportPage(report: StudyReport): string {
  const { study, charts } = report;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy()}" />
        <meta name="generator" content="argmin" />
        <title>${study}: what the search has taught</title>
        ${codeOfPage()}
      </head>
      <body>
        ${headerHtml(report)} ${contentsHtml(charts)}
        <main id="report-main">
          ${sections.map(
            ({ id, title, contentOf }) =>
              html`<section aria-labelledby="${id}">
                <h2 id="${id}">${title}</h2>
                ${contentOf(report)}
              </section>`,
          )}
        </main>
        <footer>
          <p>
            Written by argmin on ${momentText(report.writtenAt)}, from ${counted(report.trials.length, "trial")}. This page is one
            file and loads nothing else.
          </p>
        </footer>
      </body>
    </html> `;
  return page.markup;
}

/** Whole elements in plain strings: a space too many would be another script than the one that the policy names. */
function codeOfPage(): Html {
  return trusted(`<style>${reportStyle()}</style>\n<script>${reportScript}</script>`);
}

/** Pictures of pixels are written into the page; everything else must be in it as text. */
function contentPolicy(): string {
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '${scriptDigest()}'`;
}

const themes = [
  ["", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;

function headerHtml(report: StudyReport): Html {
  const { study, summary, result = "result", direction, createdAt, trials } = report;
  const times = timesOf(trials);
  const span = times === undefined ? "" : `; the last trial ended ${momentText(times.to)}`;
  return html`<a class="skip" href="#report-main">Skip to the report</a>
    <header>
      <div class="top">
        <h1>${breakable(study)}</h1>
        <fieldset class="themes" hidden>
          <legend class="visually-hidden">Colours</legend>
          ${themes.map(([value, name]) => html`<label><input type="radio" name="theme" value="${value}" />${name}</label>`)}
        </fieldset>
      </div>
      ${summary !== undefined && summary !== "" && html`<p class="lead">${summary}</p>`}
      <p class="note">A search to ${direction} the ${result}, begun ${momentText(createdAt)}${span}.</p>
    </header>`;
}

interface Section {
  /** No chart is called so: names of charts do not begin with "report-". */
  readonly id: `report-${string}`;
  readonly title: string;
  readonly contentOf: (report: StudyReport) => Html;
}

const sections: readonly Section[] = [
  { id: "report-summary", title: "In short", contentOf: summaryContent },
  { id: "report-best", title: "The best trials", contentOf: bestContent },
  { id: "report-charts", title: "Charts", contentOf: ({ charts }) => chartContent(charts) },
  { id: "report-importance", title: "Every parameter in figures", contentOf: importanceContent },
  { id: "report-ends", title: "What ended without a result", contentOf: earlyEndContent },
  { id: "report-next", title: "A space for the next search", contentOf: nextSpaceContent },
];

function contentsHtml(charts: StudyReport["charts"]): Html {
  const inner = html`<ol>
    ${charts.map(({ name, title }) => html`<li><a href="#${name}">${title}</a></li>`)}
  </ol>`;
  return html`<nav aria-labelledby="report-contents">
    <h2 id="report-contents">Contents</h2>
    <ol>
      ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a>${id === "report-charts" && charts.length > 0 && inner}</li>`)}
    </ol>
  </nav>`;
}
