import { fit, oneLine, widthOf } from "./text.ts";

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

const gap = "  ";

/**
 * Rows under their titles, columns aligned, no line longer than `width`: what does not fit is taken from the widest columns.
 * A table without titles has no heading.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const hasTitles = columns.some(({ title }) => title !== "");
  const titles = columns.map(({ title }) => title);
  const cells = [...(hasTitles ? [titles] : []), ...rows].map((row) => row.map(oneLine));
  const widths = shrink(
    columns.map((_, i) => Math.max(...cells.map((row) => widthOf(row[i] ?? "")), 0)),
    width - gap.length * (columns.length - 1),
  );
  return cells
    .map((row) =>
      columns
        .map(({ align }, i) => aligned(fit(row[i] ?? "", widths[i]!), widths[i]!, align ?? "left"))
        .join(gap)
        .trimEnd(),
    )
    .join("\n");
}

function aligned(text: string, width: number, align: "left" | "right"): string {
  const padding = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "left" ? text + padding : padding + text;
}

/** Takes the surplus from the widest columns, none below a few characters. */
function shrink(widths: readonly number[], room: number): readonly number[] {
  const least = 6;
  const result = [...widths];
  let surplus = result.reduce((sum, width) => sum + width, 0) - room;
  while (surplus > 0) {
    const widest = result.indexOf(Math.max(...result));
    if (result[widest]! <= least) break;
    result[widest]! -= 1;
    surplus -= 1;
  }
  return result;
}
