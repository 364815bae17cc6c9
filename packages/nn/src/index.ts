export { GraphBuilder, type ConstantData } from "./graph/builder.ts";
export type { Constant, Graph, GraphOutput, Node, Parameter } from "./graph/graph.ts";
export type { Attributes, Inputs, OpType, Ops } from "./graph/op.ts";
export type { Operand, Operators, Padding, Pair, ReduceOptions } from "./graph/operators.ts";
export type { DataType, Shape, TensorData, TensorType, Value } from "./graph/value.ts";
export { gradientsOf } from "./gradients/gradients-of.ts";
export { encodeModel, type EncodeOptions } from "./onnx/encode.ts";
export { devices, type Device } from "./runtime/device.ts";
export { createSession, type Arrays, type BoundRun, type Session, type SessionOptions } from "./runtime/session.ts";
