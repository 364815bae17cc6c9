import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readRecords } from "../../src/tensorboard/record.ts";

/** A message as its fields, by number: numbers of varints, bytes of everything else. */
export type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

/** Reads a message without knowing what it is. */
export function fieldsOf(message: Uint8Array): Fields {
  const reader = new BinaryReader(message);
  const fields = new Map<number, (number | Uint8Array)[]>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const values = fields.get(number) ?? [];
    fields.set(number, values);
    if (wireType === WireType.Varint) values.push(Number(reader.int64()));
    else if (wireType === WireType.LengthDelimited) values.push(reader.bytes());
    else if (wireType === WireType.Bit64) values.push(reader.double());
    else if (wireType === WireType.Bit32) values.push(reader.float());
    else throw new Error(`unexpected wire type ${wireType}`);
  }
  return fields;
}

/** The only bytes in a field. */
export function bytesIn(fields: Fields, number: number): Uint8Array {
  const [value] = fields.get(number) ?? [];
  if (!(value instanceof Uint8Array)) throw new Error(`field ${number} holds no bytes`);
  return value;
}

export function numberIn(fields: Fields, number: number): number {
  const [value = 0] = fields.get(number) ?? [];
  if (typeof value !== "number") throw new Error(`field ${number} holds no number`);
  return value;
}

export function textIn(fields: Fields, number: number): string {
  return Buffer.from(bytesIn(fields, number)).toString();
}

/** The messages in a field, in order. */
export function messagesIn(fields: Fields, number: number): readonly Fields[] {
  return (fields.get(number) ?? []).map((value) => {
    if (!(value instanceof Uint8Array)) throw new Error(`field ${number} holds no message`);
    return fieldsOf(value);
  });
}

/** A value of a run. */
export interface ReadValue {
  readonly tag: string;
  readonly step: number;
  /** The tensor's numbers, or its strings. */
  readonly values: readonly (number | Uint8Array)[];
  readonly shape: readonly number[];
  /** The plugin and its content, where they were given: with the first of a tag. */
  readonly plugin: string | undefined;
  readonly content: Uint8Array | undefined;
  readonly description: string | undefined;
}

/** All events of a run in the order in which TensorBoard takes its files. */
export async function readRun(folder: string): Promise<readonly Fields[]> {
  const names = (await readdir(folder)).filter((name) => name.includes("tfevents")).toSorted();
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return files.flatMap((file) => [...readRecords(file)].map(({ payload }) => fieldsOf(payload)));
}

/** All values of a run. */
export async function readValues(folder: string): Promise<readonly ReadValue[]> {
  const events = await readRun(folder);
  return events.flatMap((event) =>
    messagesIn(event, 5).flatMap((summary) => messagesIn(summary, 1).map((value) => readValue(value, numberIn(event, 2)))),
  );
}

/** What a run has under each scalar tag: step and value, one after the other. */
export async function readScalars(folder: string): Promise<Readonly<Record<string, readonly (readonly [number, number])[]>>> {
  const curves: Record<string, (readonly [number, number])[]> = {};
  const scalars = new Set<string>();
  for (const { tag, step, values, plugin } of await readValues(folder)) {
    if (plugin === "scalars") scalars.add(tag);
    const [value] = values;
    if (scalars.has(tag) && typeof value === "number") (curves[tag] ??= []).push([step, value]);
  }
  return curves;
}

/** A string tensor's elements as text. */
export function stringsOf({ values }: ReadValue): readonly string[] {
  return values.map((value) => (typeof value === "number" ? "" : Buffer.from(value).toString()));
}

function readValue(value: Fields, step: number): ReadValue {
  const tensor = fieldsOf(bytesIn(value, 8));
  const shape = messagesIn(fieldsOf(bytesIn(tensor, 2)), 2).map((size) => numberIn(size, 1));
  const [metadata] = messagesIn(value, 9);
  const [plugin] = metadata === undefined ? [] : messagesIn(metadata, 1);
  return {
    tag: textIn(value, 1),
    step,
    shape,
    values: elementsOf(tensor),
    plugin: plugin && textIn(plugin, 1),
    content: plugin?.has(2) ? bytesIn(plugin, 2) : undefined,
    description: metadata?.has(3) ? textIn(metadata, 3) : undefined,
  };
}

function elementsOf(tensor: Fields): readonly (number | Uint8Array)[] {
  const type = numberIn(tensor, 1);
  if (type === 7) return tensor.get(8) ?? [];
  const bytes = Uint8Array.from(bytesIn(tensor, type === 1 ? 5 : 4));
  return type === 1 ? [...new Float32Array(bytes.buffer)] : [...new Float64Array(bytes.buffer)];
}
