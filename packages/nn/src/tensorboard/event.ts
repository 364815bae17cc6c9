import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { bytes, double, integer, message, text } from "../protobuf/fields.ts";

/** @file TensorBoard's events (event.proto, summary.proto, tensor.proto), as far as argmin writes them; numbers are those files' fields. */

/** What an event tells. */
export type EventContent =
  /** What every file begins with. */
  | { readonly kind: "version" }
  /** The bytes of a GraphDef. */
  | { readonly kind: "graph"; readonly graph: Uint8Array }
  /** Of readers that look on: forget what is of this step or later, since it comes again. */
  | { readonly kind: "restart" }
  | { readonly kind: "summary"; readonly summary: Summary };

export interface Event {
  /** Unix time in seconds. */
  readonly wallTime: number;
  readonly step: number;
  readonly content: EventContent;
}

/** One value under one tag. */
export interface Summary {
  readonly tag: string;
  readonly tensor: Tensor;
  /** Needed once a tag and file. */
  readonly metadata: Metadata | undefined;
}

/** Which of TensorBoard's pages the values of a tag are for. */
export interface Metadata {
  readonly plugin: "scalars" | "histograms" | "images" | "text" | "hparams";
  readonly content?: Uint8Array;
  /** Markdown that is shown beside the values. */
  readonly description?: string;
}

export type Tensor =
  | { readonly kind: "float32"; readonly shape: readonly number[]; readonly values: readonly number[] }
  | { readonly kind: "float64"; readonly shape: readonly number[]; readonly values: Float64Array }
  | { readonly kind: "string"; readonly shape: readonly number[]; readonly values: readonly Uint8Array[] };

/** SummaryMetadata.DataClass: a scalar, a tensor, a sequence of blobs. */
const dataClasses: { readonly [Plugin in Metadata["plugin"]]: number } = {
  scalars: 1,
  histograms: 2,
  images: 3,
  text: 2,
  hparams: 2,
};

/** TensorProto's DataType. */
const dataTypes: { readonly [Kind in Tensor["kind"]]: number } = { float32: 1, float64: 2, string: 7 };

/** SessionLog.SessionStatus. */
const SESSION_START = 1;

const field = { wallTime: 1, step: 2, version: 3, graph: 4, summary: 5, sessionLog: 7 } as const;

/** The bytes of an Event. */
export function encodeEvent({ wallTime, step, content }: Event): Uint8Array {
  const writer = new BinaryWriter();
  double(writer, field.wallTime, wallTime);
  if (step !== 0) integer(writer, field.step, step);
  switch (content.kind) {
    case "version":
      text(writer, field.version, "brain.Event:2");
      break;
    case "graph":
      bytes(writer, field.graph, content.graph);
      break;
    case "restart":
      message(writer, field.sessionLog, () => integer(writer, 1, SESSION_START));
      break;
    case "summary":
      message(writer, field.summary, () => message(writer, 1, () => writeSummary(writer, content.summary)));
  }
  return writer.finish();
}

function writeSummary(writer: BinaryWriter, { tag, tensor, metadata }: Summary): void {
  text(writer, 1, tag);
  message(writer, 8, () => writeTensor(writer, tensor));
  if (metadata === undefined) return;
  const { plugin, content, description } = metadata;
  message(writer, 9, () => {
    message(writer, 1, () => {
      text(writer, 1, plugin);
      if (content !== undefined) bytes(writer, 2, content);
    });
    if (description !== undefined) text(writer, 3, description);
    integer(writer, 4, dataClasses[plugin]);
  });
}

function writeTensor(writer: BinaryWriter, tensor: Tensor): void {
  integer(writer, 1, dataTypes[tensor.kind]);
  writeShape(writer, 2, tensor.shape);
  switch (tensor.kind) {
    case "float32":
      writer.tag(5, WireType.LengthDelimited).fork();
      for (const value of tensor.values) writer.float(value);
      writer.join();
      break;
    case "float64":
      bytes(writer, 4, new Uint8Array(tensor.values.buffer, tensor.values.byteOffset, tensor.values.byteLength));
      break;
    case "string":
      for (const value of tensor.values) bytes(writer, 8, value);
  }
}

/** A TensorShapeProto; a size of -1 may be any. */
export function writeShape(writer: BinaryWriter, number: number, shape: readonly number[]): void {
  message(writer, number, () => {
    for (const size of shape) message(writer, 2, () => integer(writer, 1, size));
  });
}

/** What has to be known of an event to keep it or not. */
export interface EventHeading {
  readonly wallTime: number;
  readonly step: number;
  readonly kind: EventContent["kind"] | "other";
}

/** @throws Error if the bytes are no message. */
export function readEventHeading(payload: Uint8Array): EventHeading {
  const reader = new BinaryReader(payload);
  let [wallTime, step] = [0, 0];
  let kind: EventHeading["kind"] = "other";
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === field.wallTime && wireType === WireType.Bit64) wallTime = reader.double();
    else if (number === field.step && wireType === WireType.Varint) step = Number(reader.int64());
    else {
      kind = kinds.get(number) ?? kind;
      reader.skip(wireType, number);
    }
  }
  return { wallTime, step, kind };
}

const kinds: ReadonlyMap<number, EventContent["kind"]> = new Map([
  [field.version, "version"],
  [field.graph, "graph"],
  [field.summary, "summary"],
  [field.sessionLog, "restart"],
]);
