import type { SvgContent, SvgElement } from "@argmin/pictures";

/**
 * The content with a prefix before every id and before every reference to one: in a page with several pictures each keeps its own
 * clips and gradients.
 */
export function withIdPrefix(content: SvgContent, prefix: string): SvgContent {
  if (content === undefined || content === false || typeof content === "string") return content;
  return isElement(content) ? prefixed(content, prefix) : content.map((item) => withIdPrefix(item, prefix));
}

function prefixed(element: SvgElement, prefix: string): SvgElement {
  const attributes = Object.entries(element.attributes).map(([name, value]) => {
    if (typeof value !== "string") return [name, value] as const;
    if (name === "id") return [name, prefix + value] as const;
    if (name === "href" && value.startsWith("#")) return [name, `#${prefix}${value.slice(1)}`] as const;
    return [name, paints.has(name) ? value.replaceAll("url(#", `url(#${prefix}`) : value] as const;
  });
  return {
    ...element,
    attributes: Object.fromEntries(attributes),
    children: element.children.map((child) => (typeof child === "string" ? child : prefixed(child, prefix))),
  };
}

const paints: ReadonlySet<string> = new Set(["fill", "stroke", "clipPath"]);

function isElement(content: SvgElement | readonly SvgContent[]): content is SvgElement {
  return !Array.isArray(content);
}
