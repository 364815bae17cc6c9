import { escapeText } from "@argmin/pictures";

/** A piece of HTML: markup, not text. Only `html` and `trusted` make one. */
export interface Html {
  readonly markup: string;
}

/** What may stand in a template: texts and numbers are escaped, lists are joined, what is undefined or false is left out. */
export type HtmlContent = Html | string | number | undefined | false | readonly HtmlContent[];

/** HTML by a template: `` html`<td>${label}</td>` ``. Whatever is put in is escaped unless it is HTML itself; attributes stand in double quotes. */
export function html(parts: TemplateStringsArray, ...content: readonly HtmlContent[]): Html {
  return { markup: content.reduce<string>((text, item, i) => text + markupOf(item) + parts[i + 1]!, parts[0]!) };
}

/** Markup that somebody else has escaped: a picture, a style sheet. */
export function trusted(markup: string): Html {
  return { markup };
}

function markupOf(content: HtmlContent): string {
  if (content === undefined || content === false) return "";
  if (typeof content === "string") return escapeText(content);
  if (typeof content === "number") return String(content);
  return isHtml(content) ? content.markup : content.map(markupOf).join("");
}

function isHtml(content: Html | readonly HtmlContent[]): content is Html {
  return !Array.isArray(content);
}
