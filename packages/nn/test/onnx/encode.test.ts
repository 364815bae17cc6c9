import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { encodeModel } from "../../src/onnx/encode.ts";
import { createSession } from "../../src/runtime/session.ts";

/** A message as its fields by number: numbers, texts' bytes and submessages as they were written. */
type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, (number | Uint8Array)[]>();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const value = type === WireType.Varint ? Number(reader.int64()) : type === WireType.Bit32 ? reader.float() : reader.bytes();
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

function messages(fields: Fields, field: number): readonly Fields[] {
  return (fields.get(field) ?? []).map((value) => {
    if (typeof value === "number") throw new Error(`field ${field} is a number`);
    return fieldsOf(value);
  });
}

function texts(fields: Fields, field: number): readonly string[] {
  return (fields.get(field) ?? []).map((value) => (typeof value === "number" ? String(value) : new TextDecoder().decode(value)));
}

/** GraphProto is field 7 of ModelProto. */
function graphOf(model: Uint8Array): Fields {
  return messages(fieldsOf(model), 7)[0]!;
}

function dense(): Graph {
  const builder = new GraphBuilder("dense");
  const x = builder.input("x", "float32", [2, 3]);
  builder.scope("dense", () => {
    const w = builder.parameter("kernel", [3, 2]);
    const b = builder.parameter("bias", [2]);
    builder.output("y", builder.op.Clip(builder.op.Gemm(x, w, b), -Infinity, 4));
  });
  return builder.build();
}

const weights = new Map([
  ["dense.kernel", Float32Array.of(1, 2, 3, 4, 5, 6)],
  ["dense.bias", Float32Array.of(0.5, -0.5)],
]);

describe("encodeModel", () => {
  it("names versions, producer and operator set", () => {
    const model = fieldsOf(encodeModel(dense()));
    expect(model.get(1)).toEqual([10]);
    expect(texts(model, 2)).toEqual(["argmin"]);
    const [opset] = messages(model, 8);
    expect([texts(opset!, 1), opset!.get(2)]).toEqual([[""], [21]]);
  });

  it("keeps names, and makes parameters inputs of a model without weights", () => {
    const graph = graphOf(encodeModel(dense()));
    expect(messages(graph, 1).map((node) => [texts(node, 3), texts(node, 4), texts(node, 1), texts(node, 2)])).toEqual([
      [["dense/Gemm"], ["Gemm"], ["x", "dense.kernel", "dense.bias"], ["dense/Gemm"]],
      [["dense/Clip"], ["Clip"], ["dense/Gemm", "", "constant/float32[](4)"], ["y"]],
    ]);
    expect(messages(graph, 11).flatMap((input) => texts(input, 1))).toEqual(["x", "dense.kernel", "dense.bias"]);
    expect(messages(graph, 12).flatMap((output) => texts(output, 1))).toEqual(["y"]);
  });

  it("makes parameters initializers where their weights are given", () => {
    const graph = graphOf(encodeModel(dense(), { weights }));
    expect(messages(graph, 11).flatMap((input) => texts(input, 1))).toEqual(["x"]);
    expect(messages(graph, 5).flatMap((tensor) => texts(tensor, 8))).toEqual([
      "dense.kernel",
      "dense.bias",
      "constant/float32[](4)",
    ]);
  });

  it("leaves the batch open if asked to", () => {
    const graph = graphOf(encodeModel(dense(), { weights, isBatchOpen: true }));
    // ValueInfoProto.type (2), tensor_type (1), shape (2), dim (1): dim_param is 2, dim_value 1.
    const dims = messages(messages(messages(messages(messages(graph, 11)[0]!, 2)[0]!, 1)[0]!, 2)[0]!, 1);
    expect(dims.map((dim) => texts(dim, 2)[0] ?? dim.get(1)![0])).toEqual(["batch", 3]);
  });

  it("refuses weights that are missing", () => {
    expect(() => encodeModel(dense(), { weights: new Map() })).toThrow("no weights for dense.kernel");
  });

  it("runs with built-in weights", async () => {
    const session = await createSession(dense(), { weights });
    const { y } = await session.run({ x: Float32Array.of(1, 0, 0, 0, -1, 0) });
    await session.dispose();
    expect([...y!]).toEqual([1.5, 1.5, -2.5, -4.5]);
  });

  it("gives one value under two names, and inputs and constants as outputs", async () => {
    const builder = new GraphBuilder("outputs");
    const x = builder.input("x", "float32", [2]);
    const y = builder.op.Neg(x);
    builder.output("first", y);
    builder.output("second", y);
    builder.output("same", x);
    builder.output("fixed", builder.constant([7, 8]));
    builder.output("after", builder.op.Abs(y));
    const session = await createSession(builder.build());
    const outputs = await session.run({ x: Float32Array.of(1, 2) });
    await session.dispose();
    expect(Object.fromEntries(Object.entries(outputs).map(([name, data]) => [name, Array.from(data, Number)]))).toEqual({
      first: [-1, -2],
      second: [-1, -2],
      same: [1, 2],
      fixed: [7, 8],
      after: [1, 2],
    });
  });
});
