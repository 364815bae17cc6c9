import { ArgminError } from "@argmin/base";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/**
 * @file The part of ONNX's protocol buffers (onnx.proto3) that says what a network looks like: nodes, shapes and constants. The
 * weights' values stay where they are in the file. The numbers are that file's field numbers.
 */

/** Sizes; a name stands for one that is open, such as `batch`. */
export type OnnxShape = readonly (number | string)[];

/** A constant tensor of a file. */
export interface ReadConstant {
  readonly shape: readonly number[];
  /** Whether it is of floating-point numbers, as weights are. */
  readonly isFloat: boolean;
  /** The elements of a short list of whole numbers; empty for all else. */
  readonly integers: readonly number[];
  /** The bytes of 32-bit floating-point numbers, little-endian, within those of the file; undefined for all else. */
  readonly floats?: Uint8Array;
}

export interface ReadValue {
  readonly name: string;
  /** Undefined where the file does not say. */
  readonly shape: OnnxShape | undefined;
}

export interface ReadNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Those that are numbers, lists of whole numbers or texts. */
  readonly attributes: Readonly<Record<string, number | readonly number[] | string>>;
}

/** What an .onnx file says of a network. */
export interface ReadModel {
  readonly name: string;
  /** The program that wrote the file; empty where it does not say. */
  readonly producer: string;
  /** What the file says of the model beside its graph: its `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Without those that have a constant of the same name. */
  readonly inputs: readonly ReadValue[];
  readonly outputs: readonly ReadValue[];
  /** Results between the nodes whose shapes the file gives. */
  readonly values: readonly ReadValue[];
  readonly constants: ReadonlyMap<string, ReadConstant>;
  /** Each after those it needs; without those that only give a constant. */
  readonly nodes: readonly ReadNode[];
}

/**
 * What the bytes of an .onnx file say of its network.
 *
 * @param file - What messages call it.
 * @throws ArgminError `model/invalid` if they are no ONNX model, or one without nodes.
 */
export function readModel(bytes: Uint8Array, file: string): ReadModel {
  let model: ReadModel | undefined;
  try {
    model = readModelProto(new BinaryReader(bytes));
  } catch (error) {
    throw new ArgminError(
      "model/invalid",
      `${file} is no ONNX model, or it is cut short; give a file that an ONNX exporter wrote.`,
      {
        cause: error,
      },
    );
  }
  if (model === undefined || model.nodes.length === 0) {
    throw new ArgminError("model/invalid", `${file} holds no ONNX graph with nodes; give a file that an ONNX exporter wrote.`);
  }
  return model;
}

function readModelProto(reader: BinaryReader): ReadModel | undefined {
  let graph: ReadGraph | undefined;
  let producer = "";
  const entries: (readonly [key: string, value: string])[] = [];
  eachField(reader, {
    2: () => {
      producer = reader.string();
    },
    7: () => {
      graph = readGraph(nested(reader));
    },
    14: () => entries.push(readEntry(nested(reader))),
  });
  return graph === undefined ? undefined : { ...graph, producer, metadata: Object.fromEntries(entries) };
}

/** StringStringEntryProto. */
function readEntry(reader: BinaryReader): readonly [key: string, value: string] {
  let [key, value] = ["", ""];
  eachField(reader, {
    1: () => {
      key = reader.string();
    },
    2: () => {
      value = reader.string();
    },
  });
  return [key, value];
}

type ReadGraph = Omit<ReadModel, "producer" | "metadata">;

function readGraph(reader: BinaryReader): ReadGraph {
  const nodes: ReadNode[] = [];
  const [inputs, outputs, values]: ReadValue[][] = [[], [], []];
  const constants = new Map<string, ReadConstant>();
  let name = "";
  eachField(reader, {
    1: () => {
      const { node, constant } = readNode(nested(reader));
      const [output] = node.outputs;
      if (constant !== undefined && node.op === "Constant" && output !== undefined) constants.set(output, constant);
      else nodes.push(node);
    },
    2: () => {
      name = reader.string();
    },
    5: () => {
      const tensor = readTensor(nested(reader));
      constants.set(tensor.name, tensor.constant);
    },
    11: () => inputs!.push(readValueInfo(nested(reader))),
    12: () => outputs!.push(readValueInfo(nested(reader))),
    13: () => values!.push(readValueInfo(nested(reader))),
  });
  return {
    name,
    inputs: inputs!.filter((input) => !constants.has(input.name)),
    outputs: outputs!,
    values: values!,
    constants,
    nodes,
  };
}

function readNode(reader: BinaryReader): { readonly node: ReadNode; readonly constant: ReadConstant | undefined } {
  const [inputs, outputs]: string[][] = [[], []];
  const attributes: Record<string, number | readonly number[] | string> = {};
  let [name, op] = ["", ""];
  let constant: ReadConstant | undefined;
  eachField(reader, {
    1: () => inputs!.push(reader.string()),
    2: () => outputs!.push(reader.string()),
    3: () => {
      name = reader.string();
    },
    4: () => {
      op = reader.string();
    },
    5: () => {
      const attribute = readAttribute(nested(reader));
      if (attribute.value !== undefined) attributes[attribute.name] = attribute.value;
      constant ??= attribute.tensor;
    },
  });
  return { node: { op, name, inputs: inputs!, outputs: outputs!, attributes }, constant };
}

interface ReadAttribute {
  readonly name: string;
  readonly value: number | readonly number[] | string | undefined;
  readonly tensor: ReadConstant | undefined;
}

function readAttribute(reader: BinaryReader): ReadAttribute {
  let name = "";
  let value: ReadAttribute["value"];
  let tensor: ReadConstant | undefined;
  const integers: number[] = [];
  eachField(reader, {
    1: () => {
      name = reader.string();
    },
    2: () => {
      value = reader.float();
    },
    3: () => {
      value = Number(reader.int64());
    },
    4: () => {
      value = reader.string();
    },
    5: () => {
      tensor = readTensor(nested(reader)).constant;
    },
    8: (wire) => integers.push(...readIntegers(reader, wire)),
  });
  return { name, value: integers.length > 0 ? integers : value, tensor };
}

/** TensorProto.DataType: 16, 32 and 64 bits, and bfloat16. */
const floatTypes: ReadonlySet<number> = new Set([1, 10, 11, 16]);
const floatType = 1;
const int64Type = 7;
/** Longer lists say nothing of shapes. */
const longestList = 16;

function readTensor(reader: BinaryReader): { readonly name: string; readonly constant: ReadConstant } {
  const [shape, integers]: number[][] = [[], []];
  let [name, type] = ["", 0];
  let raw: Uint8Array = new Uint8Array();
  eachField(reader, {
    1: (wire) => shape!.push(...readIntegers(reader, wire)),
    2: () => {
      type = reader.int32();
    },
    7: (wire) => integers!.push(...readIntegers(reader, wire)),
    8: () => {
      name = reader.string();
    },
    9: () => {
      raw = reader.bytes();
    },
  });
  if (type === int64Type && integers!.length === 0 && raw.length <= 8 * longestList) {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    for (let at = 0; at + 8 <= raw.length; at += 8) integers!.push(Number(view.getBigInt64(at, true)));
  }
  const isWhole = type === floatType && raw.length === shape!.reduce((product, size) => product * size, 4);
  return {
    name,
    constant: {
      shape: shape!,
      isFloat: floatTypes.has(type),
      integers: integers!.length > longestList ? [] : integers!,
      ...(isWhole && { floats: raw }),
    },
  };
}

/** ValueInfoProto -> TypeProto -> TypeProto.Tensor -> TensorShapeProto -> dimensions. */
function readValueInfo(reader: BinaryReader): ReadValue {
  let name = "";
  let shape: (number | string)[] | undefined;
  const readShape = (dimensions: BinaryReader): void => {
    const sizes: (number | string)[] = [];
    eachField(dimensions, { 1: () => sizes.push(readDimension(nested(dimensions))) });
    shape = sizes;
  };
  const readTensorType = (tensor: BinaryReader): void => eachField(tensor, { 2: () => readShape(nested(tensor)) });
  const readType = (type: BinaryReader): void => eachField(type, { 1: () => readTensorType(nested(type)) });
  eachField(reader, {
    1: () => {
      name = reader.string();
    },
    2: () => readType(nested(reader)),
  });
  return { name, shape };
}

function readDimension(reader: BinaryReader): number | string {
  let size: number | string = "?";
  eachField(reader, {
    1: () => {
      size = Number(reader.int64());
    },
    2: () => {
      size = reader.string();
    },
  });
  return size;
}

/** Lists of numbers are written packed or one field each. */
function readIntegers(reader: BinaryReader, wire: WireType): readonly number[] {
  if (wire !== WireType.LengthDelimited) return [Number(reader.int64())];
  const list = nested(reader);
  const integers: number[] = [];
  while (list.pos < list.len) integers.push(Number(list.int64()));
  return integers;
}

/** A reader of the message that comes next. */
function nested(reader: BinaryReader): BinaryReader {
  return new BinaryReader(reader.bytes());
}

/** Reads the fields that there is something to do for, by their numbers, and skips the others. */
function eachField(reader: BinaryReader, fields: Readonly<Record<number, (wire: WireType) => unknown>>): void {
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const read = fields[number];
    if (read === undefined) reader.skip(wire, number);
    else read(wire);
  }
}
