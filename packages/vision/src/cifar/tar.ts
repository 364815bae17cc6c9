import { corrupt } from "../corrupt.ts";

const BLOCK = 512;
/** No file of a data set we know comes near: an entry that claims more is not one of ours. */
const MAX_ENTRY_BYTES = 1 << 30;
const REGULAR_FILE = new Set(["0", "\0"]);

/**
 * The wanted files of a tar archive, by name, read as it streams in. All other entries are passed over, so a name can lead
 * nowhere.
 *
 * @param file - The archive's name, for messages.
 * @throws ArgminError `data/corrupt` if a header's checksum is wrong or the archive ends within an entry.
 */
export async function readTar(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  wanted: (name: string) => boolean,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const source = new ByteSource(chunks);
  const header = new Uint8Array(BLOCK);
  for (;;) {
    const got = await source.read(header);
    if (got === 0 || (got === BLOCK && header.every((byte) => byte === 0))) break;
    const entry = got === BLOCK ? parseHeader(header) : undefined;
    if (!entry) throw corrupt(file, got === BLOCK ? "it is not a tar archive, or is damaged" : "it ends within an entry");
    const padding = (BLOCK - (entry.size % BLOCK)) % BLOCK;
    if (entry.isFile && wanted(entry.name)) {
      if (entry.size > MAX_ENTRY_BYTES) throw corrupt(file, `its ${entry.name} claims ${entry.size} bytes`);
      const content = new Uint8Array(entry.size);
      const complete = (await source.read(content)) === entry.size && (await source.skip(padding));
      if (!complete) throw corrupt(file, `it ends within ${entry.name}`);
      found.set(entry.name, content);
    } else if (!(await source.skip(entry.size + padding))) {
      throw corrupt(file, `it ends within ${entry.name}`);
    }
  }
  // To the last byte, so that whatever unpacks the stream gets to check its own end.
  await source.skip(Infinity);
  return found;
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly isFile: boolean;
}

/** `undefined` if the checksum or the size is none. */
function parseHeader(header: Uint8Array): Entry | undefined {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  const size = octal(header, 124, 12);
  if (octal(header, 148, 8) !== sum || size === undefined) return undefined;
  const prefix = text(header, 257, 5) === "ustar" ? text(header, 345, 155) : "";
  const name = text(header, 0, 100);
  return {
    name: (prefix === "" ? name : `${prefix}/${name}`).replace(/^\.\//u, ""),
    size,
    isFile: REGULAR_FILE.has(String.fromCharCode(header[156]!)),
  };
}

function text(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end));
}

function octal(header: Uint8Array, start: number, length: number): number | undefined {
  const digits = text(header, start, length).trim();
  return /^[0-7]+$/u.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Chunks of any size, read as runs of bytes. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Fills `target` and returns how many bytes there were: fewer than asked for at the end alone. */
  async read(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const part = await this.#take(target.length - filled);
      if (!part) break;
      target.set(part, filled);
      filled += part.length;
    }
    return filled;
  }

  /** Whether there were `count` bytes to pass over. */
  async skip(count: number): Promise<boolean> {
    let left = count;
    while (left > 0) {
      const part = await this.#take(left);
      if (!part) return false;
      left -= part.length;
    }
    return true;
  }

  async #take(most: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      this.#rest = next.value;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}
