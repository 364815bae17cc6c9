import { ArgminError, isJsonObject, messageOf, parseJson, type JsonValue } from "@argmin/base";

/**
 * @file The safetensors file format: eight bytes with the length of a JSON header, the header, then the tensors' bytes.
 */

/** A float32 tensor of a file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a file holds: tensors by name and free texts. */
export interface StoredTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const LENGTH_BYTES = 8;
const METADATA = "__metadata__";

/** The bytes of a .safetensors file; tensors keep the order of the map. */
export function encodeSafetensors({ tensors, metadata }: StoredTensors): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { [METADATA]: metadata } : {};
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    const start = end;
    end += data.byteLength;
    header[name] = { dtype: "F32", shape, data_offsets: [start, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  // Spaces bring the tensors to a multiple of eight bytes, so that readers can map them.
  const headerLength = Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES;
  const bytes = Buffer.alloc(LENGTH_BYTES + headerLength + end, " ");
  bytes.writeBigUInt64LE(BigInt(headerLength), 0);
  json.copy(bytes, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerLength;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Reads the bytes of a .safetensors file.
 *
 * @param name - What the messages call the file.
 * @throws ArgminError `checkpoint/corrupt` if the bytes are no such file, are cut short, or hold another type than float32.
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): StoredTensors {
  const corrupt = (problem: string): ArgminError =>
    new ArgminError(
      "checkpoint/corrupt",
      `${name} is not a whole safetensors file: ${problem}. Save it again or use another copy.`,
    );
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < LENGTH_BYTES) throw corrupt(`it has ${view.length} bytes`);
  const headerLength = Number(view.readBigUInt64LE(0));
  const body = LENGTH_BYTES + headerLength;
  if (body > view.length) throw corrupt(`its header wants ${headerLength} bytes, the file has ${view.length}`);
  const header = parseHeader(view.toString("utf8", LENGTH_BYTES, body), corrupt);

  const tensors = new Map<string, StoredTensor>();
  const room = view.length - body;
  let covered = 0;
  for (const [key, entry] of Object.entries(header)) {
    if (key === METADATA) continue;
    const { shape, start, end } = parseEntry(key, entry, corrupt);
    const size = shape.reduce((product, length) => product * length, 4);
    if (end - start !== size) throw corrupt(`the tensor ${key} of [${shape.join(", ")}] wants ${size} bytes, not ${end - start}`);
    if (start < 0 || end > room) throw corrupt(`the tensor ${key} ends at byte ${end} of ${room}`);
    // A copy: the file's bytes need not be aligned to four.
    const data = new Float32Array(view.buffer.slice(view.byteOffset + body + start, view.byteOffset + body + end));
    tensors.set(key, { shape, data });
    covered += size;
  }
  if (covered !== room) throw corrupt(`its tensors cover ${covered} of ${room} bytes`);
  return { tensors, metadata: parseMetadata(header[METADATA], corrupt) };
}

type Corrupt = (problem: string) => ArgminError;

function parseHeader(text: string, corrupt: Corrupt): Readonly<Record<string, JsonValue>> {
  let header: JsonValue;
  try {
    header = parseJson(text, "the header");
  } catch (error) {
    throw corrupt(messageOf(error).replace(/\.$/, ""));
  }
  if (!isJsonObject(header)) throw corrupt("its header is no JSON object");
  return header;
}

function parseEntry(key: string, entry: JsonValue, corrupt: Corrupt): { shape: readonly number[]; start: number; end: number } {
  if (!isJsonObject(entry)) throw corrupt(`the entry of ${key} is no JSON object`);
  if (entry["dtype"] !== "F32") throw corrupt(`the tensor ${key} is of type ${JSON.stringify(entry["dtype"])}, wanted "F32"`);
  const shape = wholeNumbers(entry["shape"]);
  const [start, end, ...rest] = wholeNumbers(entry["data_offsets"]) ?? [];
  if (shape === undefined || start === undefined || end === undefined || rest.length > 0) {
    throw corrupt(`the entry of ${key} has no shape or no pair of offsets`);
  }
  return { shape, start, end };
}

function wholeNumbers(value: JsonValue | undefined): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const numbers = value.filter((item) => Number.isSafeInteger(item) && typeof item === "number" && item >= 0);
  return numbers.length === value.length ? numbers : undefined;
}

function parseMetadata(value: JsonValue | undefined, corrupt: Corrupt): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw corrupt("its metadata is no JSON object");
  const texts: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw corrupt(`its metadata ${key} is no text`);
    texts[key] = text;
  }
  return texts;
}
