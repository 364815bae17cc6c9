import { textProblems } from "@argmin/pictures/testing";
import { lightTheme } from "@argmin/pictures";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawNetwork, graphOfModel, type NetworkGraph, type NetworkNode } from "@argmin/vision";
import { compactGraph } from "../../src/drawing/compact.ts";
import { routeEdges } from "../../src/drawing/edges.ts";
import { layOutNetwork, type NetworkLayout } from "../../src/drawing/layout.ts";
import { flopsOf, parametersOf } from "../../src/drawing/network-graph.ts";
import { spread } from "../../src/drawing/spread.ts";
import { branchedNetwork, plainNetwork } from "./networks.ts";

const categories = ["convolution", "dense", "normalization", "pooling", "activation", "merge", "dropout", "other"] as const;

/** Any network: every layer takes one to three of those before it; names put some into groups. */
const networks: fc.Arbitrary<NetworkGraph> = fc
  .array(
    fc.record({
      back: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      category: fc.constantFrom(...categories),
      name: fc.constantFrom("stem", "block1_a", "block1_res1_a", "block2_b", "layer"),
      size: fc.integer({ min: 1, max: 4096 }),
    }),
    { minLength: 1, maxLength: 24 },
  )
  .map((layers) => ({
    name: "any",
    nodes: [
      { ...bare, name: "input", title: "Input", category: "input", shape: [3, 32, 32], layers: 0 },
      ...layers.map(({ back, category, name, size }, index): NetworkNode => ({
        ...bare,
        name: `${name}${index}`,
        title: category,
        category,
        shape: [size, 8, 8],
        parameters: size * 9,
        flops: size * 1000,
        from: [...new Set(back.map((distance) => Math.max(0, index + 1 - distance)))],
        layers: 1,
      })),
    ],
  }));

const bare = { notes: [], parameters: 0, flops: 0, from: [] } as const;

/** Layers in a row, every third one with a shortcut around it. */
const shortcuts: NetworkGraph = {
  name: "shortcuts",
  nodes: [
    { ...bare, name: "input", title: "Input", category: "input", shape: [3, 32, 32], layers: 0 },
    ...Array.from({ length: 40 }, (_, i): NetworkNode => ({
      ...bare,
      name: `layer${i}`,
      title: i % 3 === 2 ? "Sum" : "Convolution",
      category: i % 3 === 2 ? "merge" : "convolution",
      shape: [8, 32, 32],
      from: i % 3 === 2 ? [i, i - 1] : [i],
      layers: 1,
    })),
  ],
};

describe("a layout", () => {
  it("keeps boxes apart and inside the drawing, whatever the network", () => {
    fc.assert(
      fc.property(networks, (graph) => {
        const layout = layOutNetwork(graph);
        layout.boxes.forEach((one, i) => {
          expect(one.x >= -0.01 && one.x + one.width <= layout.width + 0.01).toBe(true);
          expect(one.y >= 0 && one.y + one.height <= layout.height + 0.01).toBe(true);
          for (const other of layout.boxes.slice(i + 1)) expect(overlap(one, other)).toBe(false);
        });
        for (const frame of layout.frames) {
          const inside = layout.boxes.filter((box) => overlap(box, frame));
          for (const box of inside) expect(holds(frame, box)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("draws lines from below one box to the top of another, and through none", () => {
    fc.assert(
      fc.property(networks, (graph) => {
        const layout = layOutNetwork(graph);
        const edges = routeEdges(graph, layout);
        expect(edges).toHaveLength(graph.nodes.reduce((sum, { from }) => sum + from.length, 0));
        for (const { from, to, points } of edges) {
          const [begin, end] = [layout.boxes[from]!, layout.boxes[to]!];
          expect(points[0]![1]).toBeCloseTo(begin.y + begin.height);
          expect(points.at(-1)![1]).toBeCloseTo(end.y);
          expect(points.at(-1)![0]).toBeGreaterThan(end.x);
          expect(points.at(-1)![0]).toBeLessThan(end.x + end.width);
          expect(crossed(points, layout)).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("cuts and covers no text, in full and compact", () => {
    fc.assert(
      fc.property(networks, (graph) => {
        for (const level of ["full", "compact"] as const)
          expect(textProblems(drawNetwork(graph, { theme: lightTheme, level }))).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it("enters a column straight above a box that stands alone, whatever passes beside it", () => {
    const { nodes } = shortcuts;
    const layout = layOutNetwork(shortcuts);
    expect(layout.columns.length).toBeGreaterThan(1);
    const entering = routeEdges(shortcuts, layout).filter(({ to }) =>
      layout.columns.slice(1).some(({ firstRow }) => firstRow === layout.rowOf[to]),
    );
    expect(entering.length).toBe(layout.columns.length - 1);
    for (const { points, to } of entering) expect([nodes[to]!.name, points.length]).toEqual([nodes[to]!.name, 6]);
  });

  it("has a pleasant shape for long networks", () => {
    const nodes = Array.from({ length: 60 }, (_, i): NetworkNode => ({
      ...bare,
      name: `layer${i}`,
      title: "Dense",
      category: "dense",
      shape: [10],
      from: i === 0 ? [] : [i - 1],
      layers: 1,
    }));
    const { width, height, columns } = layOutNetwork({ name: "long", nodes });
    expect(columns.length).toBeGreaterThan(2);
    expect(width / height).toBeGreaterThan(0.8);
    expect(width / height).toBeLessThan(2.2);
  });
});

describe("compact", () => {
  it("makes a box of a block and notes of small layers, and keeps all that is counted", () => {
    const full = graphOfModel(branchedNetwork());
    const compact = compactGraph(full);
    expect(compact.nodes.map(({ name, title }) => `${name}: ${title}`)).toEqual([
      "input: Input",
      "centre: Rescaling",
      "stage1_conv: Convolution 3 × 3, relu",
      "stage1_res1: Residual block, 4 layers",
      "stage1_res2: Residual block, 5 layers",
      "stage1_pool: Parallel block, 5 layers",
      "stage2_conv: Convolution 3 × 3, relu",
      "stage2_res1: Residual block, 5 layers",
      "stage2_res2: Residual block, 4 layers",
      "stage2_pool: Parallel block, 5 layers",
      "dense: Dense, relu",
      "fine: Dense, softmax",
      "coarse: Dense, softmax",
      "fine: Output fine",
      "coarse: Output coarse",
    ]);
    expect(compact.nodes.find(({ name }) => name === "dense")!.notes).toEqual(["dropout 30 %"]);
    expect([parametersOf(compact), flopsOf(compact)]).toEqual([parametersOf(full), flopsOf(full)]);
  });

  it("takes nothing into a block that stands elsewhere", () => {
    const { nodes } = compactGraph(graphOfModel(plainNetwork()));
    expect(nodes.map(({ title, notes }) => [title].concat(notes))).toEqual([
      ["Input"],
      ["Convolution 5 × 5, relu"],
      ["Max pooling 2 × 2"],
      ["Convolution 3 × 3", "batch norm", "elu", "dropout 25 %", "flatten"],
      ["Dense, softmax"],
      ["Output"],
    ]);
  });
});

describe("spread", () => {
  it("keeps the order and the gaps, and moves nothing that has room", () => {
    const wishes = fc.array(
      fc.record({
        at: fc.double({ min: -500, max: 500, noNaN: true }),
        width: fc.integer({ min: 1, max: 80 }),
        weight: fc.constantFrom(1, 0.001),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(wishes, (row) => {
        const centres = spread(row, 10);
        for (let i = 1; i < row.length; i += 1)
          expect(centres[i]! - centres[i - 1]!).toBeGreaterThanOrEqual((row[i]!.width + row[i - 1]!.width) / 2 + 10 - 1e-6);
      }),
    );
    expect(
      spread(
        [
          { at: 0, width: 10, weight: 1 },
          { at: 100, width: 10, weight: 1 },
        ],
        10,
      ),
    ).toEqual([0, 100]);
    expect(
      spread(
        [
          { at: 0, width: 10, weight: 1 },
          { at: 0, width: 10, weight: 1 },
        ],
        10,
      ),
    ).toEqual([-10, 10]);
  });
});

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function overlap(one: Area, other: Area): boolean {
  const slack = 0.01;
  return (
    one.x < other.x + other.width - slack &&
    other.x < one.x + one.width - slack &&
    one.y < other.y + other.height - slack &&
    other.y < one.y + one.height - slack
  );
}

function holds(outer: Area, inner: Area): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** The boxes that a line goes through. */
function crossed(points: readonly (readonly [number, number])[], { boxes }: NetworkLayout): readonly number[] {
  return points.slice(1).flatMap(([x2, y2], i) => {
    const [x1, y1] = points[i]!;
    const line = { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1) + 0.02, height: Math.abs(y2 - y1) + 0.02 };
    return boxes.flatMap((box, index) => (overlap(line, { ...box, y: box.y + 0.1, height: box.height - 0.2 }) ? [index] : []));
  });
}
