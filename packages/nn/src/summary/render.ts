import type { ModelSummary } from "./summary.ts";

/** A summary as text: a table of the layers, then what training costs. Ends without a newline. */
export function renderSummary({ name, layers, parameters, statistics, flops, memory }: ModelSummary): string {
  const rows = [
    ["layer", "output", "parameters", "FLOPs forward", "FLOPs training"],
    ...layers.map((layer) => [
      layer.name.startsWith(layer.kind) ? layer.name : `${layer.name} (${layer.kind})`,
      layer.outputShape.join(" x "),
      grouped(layer.parameters),
      grouped(layer.flops.forward),
      grouped(layer.flops.training),
    ]),
    ["total", "", grouped(parameters), grouped(flops.forward), grouped(flops.training)],
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  "),
  );
  const rule = "-".repeat(lines[0]!.length);
  return [
    `Model ${name}`,
    ...lines.toSpliced(1, 0, rule).toSpliced(-1, 0, rule),
    `FLOPs are for one example. A training step with ${memory.batchSize} examples holds at least ${bytes(memory.total)}: ` +
      `weights ${bytes(memory.weights)}, optimizer ${bytes(memory.slots)}, batch ${bytes(memory.batch)}, ` +
      `intermediate results ${bytes(memory.intermediates)}. Its process is likely to need up to ${bytes(memory.process)}.`,
    ...(statistics === 0 ? [] : [`${grouped(statistics)} running statistics are kept beside the parameters, but not learned.`]),
  ].join("\n");
}

/** Digits in groups of three. */
function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  const [scaled, unit] = value < 1e6 ? [value / 1e3, "kB"] : value < 1e9 ? [value / 1e6, "MB"] : [value / 1e9, "GB"];
  return `${scaled.toPrecision(3)} ${unit}`;
}
