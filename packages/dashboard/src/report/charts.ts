import { adaptiveTheme, pictureText, type Picture } from "@argmin/pictures";
import type { Chart } from "../chart.ts";
import { html, trusted, type Html } from "./html.ts";
import { withIdPrefix } from "./unique-ids.ts";

/** All charts, each under its own heading; one without anything to draw says why. */
export function chartContent(charts: readonly Chart[]): Html {
  return charts.length === 0 ? html`<p>There are no charts.</p>` : html`${charts.map(chartHtml)}`;
}

function chartHtml({ name, title, note, content }: Chart): Html {
  return html`<section class="chart" aria-labelledby="${name}">
    <h3 id="${name}">${title}</h3>
    ${note !== undefined && html`<p class="note">${note}</p>`}
    ${content.kind === "picture" ? figureHtml(name, content.picture) : html`<p class="nothing">Nothing to draw: ${content.why}</p>`}
  </section>`;
}

/** Wider than this, a picture is made smaller to fit the page, and gets a button that shows it as large as it is. */
const pageWidth = 960;

function figureHtml(name: string, picture: Picture): Html {
  const drawn = pictureText({ ...picture, content: withIdPrefix(picture.content, `${name}--`) }, adaptiveTheme);
  const isWide = picture.width > pageWidth;
  const scrolls = html`id="${name}--figure" tabindex="0" role="region" aria-label="${picture.title}"`;
  return html`<figure>
    ${isWide && html`<button type="button" class="enlarge" aria-pressed="false" data-enlarges="${name}--figure" hidden>Full size</button>`}
    <div class="picture" ${isWide && scrolls}>${trusted(drawn)}</div>
  </figure>`;
}
