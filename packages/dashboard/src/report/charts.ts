import { adaptiveTheme, pictureText, type Picture } from "@argmin/pictures";
import type { Chart } from "../chart.ts";
import { html, trusted, type Html } from "./html.ts";
import { withIdPrefix } from "./unique-ids.ts";

/** All charts, each under its own heading; one without anything to draw says why. */
export function chartContent(charts: readonly Chart[]): Html {
  if (charts.length === 0) return html`<p>There are no charts.</p>`;
  const isDrawn = charts.some(({ content }) => content.kind === "picture");
  return html`${isDrawn && html`<p class="note pointing">Point at a mark or a line to see which trial it is.</p>`}
  ${isDrawn && html`<p class="note sideways">Charts are wider than this page: move them sideways to see the rest.</p>`}
  ${charts.map(chartHtml)}`;
}

function chartHtml({ name, title, note, content }: Chart): Html {
  return html`<section class="chart" aria-labelledby="${name}">
    <h3 id="${name}">${title}</h3>
    ${note !== undefined && html`<p class="note">${note}</p>`}
    ${content.kind === "picture" ? figureHtml(name, content.picture) : html`<p class="nothing">Nothing to draw: ${content.why}</p>`}
  </section>`;
}

function figureHtml(name: string, picture: Picture): Html {
  const drawn = pictureText({ ...picture, content: withIdPrefix(picture.content, `${name}--`) }, adaptiveTheme);
  return html`<figure class="picture">${trusted(drawn)}</figure>`;
}
