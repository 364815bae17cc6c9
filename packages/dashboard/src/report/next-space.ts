import {
  quantile,
  spaceFromJson,
  valueText,
  rangeText,
  type Domain,
  type Parameter,
  type Space,
  type SpaceChange,
} from "@argmin/search";
import { html, type Html } from "./html.ts";
import type { StudyReport } from "./study-report.ts";

/** The space proposed for the next search: what was changed in words, and the code to paste. */
export function nextSpaceContent({ space, analysis: { narrowed } }: StudyReport): Html {
  const next = spaceFromJson(narrowed.space);
  const changes = narrowed.changes.flatMap((change) => {
    const text = changeText(change, space, next);
    return text === undefined ? [] : [html`<li><code>${change.label}</code>: ${text}</li>`];
  });
  return html`${
      changes.length === 0
        ? html`<p>The trials give no reason to change the space: this is the one that was searched.</p>`
        : html`<p>Narrowed around the best trials; what is not named here stays as it was.</p>
            <ul class="changes">
              ${changes}
            </ul>`
    }
    <div class="code">
      <button type="button" class="copy" data-copies="report-code" hidden>Copy</button>
      <pre id="report-code" tabindex="0" aria-label="The space as TypeScript"><code>${narrowed.code}</code></pre>
    </div>
    <p class="visually-hidden" role="status" id="report-copied"></p>`;
}

/** What becomes of a parameter, in words; undefined if it stays as it is. */
export function changeText(change: SpaceChange, space: Space, next: Space): string | undefined {
  const parameter = space.parameter(change.label);
  if (parameter === undefined || change.kind === "kept") return undefined;
  if (change.kind === "gone") return "no longer there, as it existed for dropped options only";
  if (change.kind === "fixed") return `always ${valueText(parameter, change.value)}`;
  if (change.kind === "options dropped")
    return `without the ${change.options.length === 1 ? "option" : "options"} ${change.options.map((option) => valueText(parameter, option)).join(", ")}`;
  const to = next.parameter(change.label);
  return to === undefined ? undefined : `${extentText(to)} instead of ${extentText(parameter)}`;
}

function extentText({ domain }: Parameter): string {
  const [low, high] = endsOf(domain);
  return `${domain.kind === "gaussian" ? "mostly " : ""}${low === high ? String(low) : rangeText(low, high)}`;
}

/** The ends of a range; of a normal, which has none, those of its middle nine tenths. */
function endsOf(domain: Domain): readonly [number, number] {
  if (domain.kind === "interval") return [domain.low, domain.high];
  if (domain.kind === "lattice") return [domain.first, domain.last];
  return [quantile(domain, 0.05), quantile(domain, 0.95)];
}
