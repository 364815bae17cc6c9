import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { allocate, sizeOf, type DataType, type TensorData, type TensorType } from "../graph/value.ts";
import { bytes, integer, message, packed, single, text } from "../protobuf/fields.ts";

/**
 * @file The part of ONNX's protocol buffers (onnx.proto3) that argmin writes, message by message. The numbers are that file's field
 * numbers.
 */

/** An attribute's value; exactly one member. */
export type OnnxAttribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };

export interface OnnxNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor extends TensorType {
  readonly name: string;
  readonly data: TensorData;
}

export interface OnnxTensorInfo extends TensorType {
  readonly name: string;
  /** The first size is called `batch` and may be any. */
  readonly isBatchOpen: boolean;
}

export interface OnnxModel {
  readonly name: string;
  readonly irVersion: number;
  readonly opset: number;
  readonly inputs: readonly OnnxTensorInfo[];
  readonly outputs: readonly OnnxTensorInfo[];
  readonly initializers: readonly OnnxTensor[];
  readonly nodes: readonly OnnxNode[];
  /** What is said of the model beside its graph. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** TensorProto.DataType. */
const dataTypeNumbers: { readonly [D in DataType]: number } = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };

/** The bytes of a ModelProto. */
export function writeModel(model: OnnxModel): Uint8Array {
  const writer = new BinaryWriter();
  integer(writer, 1, model.irVersion);
  text(writer, 2, "argmin");
  message(writer, 7, () => {
    for (const node of model.nodes) message(writer, 1, () => writeNode(writer, node));
    text(writer, 2, model.name);
    for (const tensor of model.initializers) message(writer, 5, () => writeTensor(writer, tensor));
    for (const input of model.inputs) message(writer, 11, () => writeTensorInfo(writer, input));
    for (const output of model.outputs) message(writer, 12, () => writeTensorInfo(writer, output));
  });
  message(writer, 8, () => {
    text(writer, 1, "");
    integer(writer, 2, model.opset);
  });
  for (const [key, value] of Object.entries(model.metadata)) {
    message(writer, 14, () => {
      text(writer, 1, key);
      text(writer, 2, value);
    });
  }
  return writer.finish();
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, node.name);
  text(writer, 4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(writer, 5, () => {
      text(writer, 1, name);
      writeAttribute(writer, value);
    });
  }
}

/** The value, and its kind (AttributeProto.AttributeType, field 20). */
function writeAttribute(writer: BinaryWriter, value: OnnxAttribute): void {
  if ("float" in value) {
    single(writer, 2, value.float);
    integer(writer, 20, 1);
  } else if ("int" in value) {
    integer(writer, 3, value.int);
    integer(writer, 20, 2);
  } else if ("ints" in value) {
    packed(writer, 8, value.ints);
    integer(writer, 20, 7);
  } else {
    text(writer, 4, value.string);
    integer(writer, 20, 3);
  }
}

function writeTensor(writer: BinaryWriter, tensor: OnnxTensor): void {
  packed(writer, 1, tensor.shape);
  integer(writer, 2, dataTypeNumbers[tensor.dtype]);
  text(writer, 8, tensor.name);
  bytes(writer, 9, bytesOf(tensor));
}

function writeTensorInfo(writer: BinaryWriter, info: OnnxTensorInfo): void {
  text(writer, 1, info.name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      integer(writer, 1, dataTypeNumbers[info.dtype]);
      message(writer, 2, () => {
        info.shape.forEach((size, axis) => {
          message(writer, 1, () => (info.isBatchOpen && axis === 0 ? text(writer, 2, "batch") : integer(writer, 1, size)));
        });
      });
    }),
  );
}

/** Row-major little-endian elements: what every platform Node runs on has in memory. */
function bytesOf({ data, dtype, shape }: OnnxTensor): Uint8Array {
  if (data.length !== sizeOf(shape) || data.constructor !== allocate({ dtype, shape: [0] }).constructor) {
    throw new Error(`internal: ${data.length} elements of ${data.constructor.name} for ${dtype}[${shape.join(", ")}]`);
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
