import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { ArgminError, fileError, isArgminError, messageOf, sleep } from "@argmin/base";
import { megabytes, progressLine } from "./progress.ts";

export interface Download {
  /** What it is, for messages. */
  readonly name: string;
  readonly address: string;
  /** Published digest of the file, hexadecimal. */
  readonly sha256: string;
  /** Where the file goes once it is whole; its folder exists. Until then its bytes are in a `.part` file beside it. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
  readonly log?: ((line: string) => void) | undefined;
  /** Milliseconds to wait before each new attempt after a break; a break that brought new bytes starts over. */
  readonly pauses?: readonly number[];
}

const PAUSES = [1_000, 4_000, 15_000];
const SILENCE_MS = 30_000;
const LOG_EVERY_MS = 1_000;

/**
 * Downloads a file: goes on where an earlier attempt broke off, and gives it its name only when its digest is right.
 *
 * @throws ArgminError `data/missing` if the server cannot be reached, refuses, or breaks off again and again; `data/corrupt`
 * if it sends something else; `file/full` or `file/unwritable` if the bytes cannot be kept.
 */
export async function download(task: Download): Promise<void> {
  const part = `${task.path}.part`;
  const resumed = (await fetchAll(task, part)).resumed;
  let found = await digestOf(part);
  if (found !== task.sha256 && resumed) {
    // The pieces need not be of one file: the server may have changed it in between.
    task.log?.(`Downloading ${task.name} again from the start: its parts do not fit together`);
    await rm(part, { force: true });
    await fetchAll(task, part);
    found = await digestOf(part);
  }
  if (found !== task.sha256) {
    await rm(part, { force: true });
    throw new ArgminError(
      "data/corrupt",
      `What ${task.address} sent is not the ${basename(task.path)} that was published: its SHA-256 is ${found} where ${task.sha256} is wanted. Try again, or put the original file at ${task.path}.`,
    );
  }
  await rename(part, task.path).catch((error: unknown) => {
    throw fileError(task.path, error);
  });
}

/** One attempt after another until the part file has all bytes. */
async function fetchAll(task: Download, part: string): Promise<{ readonly resumed: boolean }> {
  const pauses = task.pauses ?? PAUSES;
  let resumed = false;
  let brought = false;
  let failures = 0;
  for (;;) {
    const before = await sizeOf(part);
    try {
      const start = await fetchRest(task, part, before);
      return { resumed: resumed || start > 0 };
    } catch (error) {
      task.signal?.throwIfAborted();
      if (!(error instanceof Broken)) throw error;
      const after = await sizeOf(part);
      if (after > before) {
        brought = true;
        failures = 0;
      }
      const pause = pauses[failures++];
      // Nothing came at all: the machine is offline or the server is down, and waiting would only hide it.
      if (pause === undefined || !brought) throw unreachable(task, error, after);
      task.log?.(`The download of ${task.name} broke off after ${megabytes(after)} MB (${error.message}); trying again`);
      resumed = true;
      await sleep(pause, task.signal);
    }
  }
}

/** Asks for the bytes from `have` on and returns from where they were sent, which is 0 if the server cannot resume. */
async function fetchRest(task: Download, part: string, have: number): Promise<number> {
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort(new Error(`nothing came for ${SILENCE_MS / 1000} s`));
  }, SILENCE_MS);
  try {
    const response = await request(task, have, silence.signal);
    if (response.status === 416 && have > 0) {
      // The part file is whole, or too long: its digest will tell, or a start from 0.
      await response.body?.cancel();
      if (totalOf(response, 0) === have) return have;
      await rm(part, { force: true });
      return await fetchRest(task, part, 0);
    }
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw refused(task, `it answered ${response.status} ${response.statusText}`.trimEnd());
    }
    const start = response.status === 206 ? startOf(response) : 0;
    if (start !== 0 && start !== have) throw refused(task, `it sent bytes from ${start} on where ${have} was asked for`);
    await keep(task, part, { chunks: response.body, start, total: totalOf(response, start), onChunk: () => timer.refresh() });
    return start;
  } finally {
    clearTimeout(timer);
  }
}

async function request(task: Download, have: number, silence: AbortSignal): Promise<Response> {
  // Without "identity" the archive could be unpacked on the way, and what is kept would not have its digest.
  const headers = { "accept-encoding": "identity", ...(have > 0 ? { range: `bytes=${have}-` } : {}) };
  const signal = task.signal ? AbortSignal.any([task.signal, silence]) : silence;
  return fetch(task.address, { headers, signal }).catch((error: unknown) => {
    throw new Broken(reasonOf(error), { cause: error });
  });
}

interface Arriving {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly start: number;
  readonly total: number | undefined;
  readonly onChunk: () => void;
}

/** Writes what arrives into the part file, from `start` on. */
async function keep(task: Download, part: string, { chunks, start, total, onChunk }: Arriving): Promise<void> {
  const file = await open(part, start > 0 ? "r+" : "w").catch((error: unknown) => {
    throw fileError(part, error);
  });
  try {
    let received = start;
    const began = performance.now();
    let logged = began;
    for await (const chunk of breaking(chunks)) {
      onChunk();
      await writeAt(file, chunk, received, part);
      received += chunk.length;
      const now = performance.now();
      if (now - logged >= LOG_EVERY_MS) {
        logged = now;
        const progress = { received, before: start, total, seconds: (now - began) / 1000 };
        task.log?.(`Downloading ${task.name}: ${progressLine(progress)}`);
      }
    }
    if (total !== undefined && received < total) throw new Broken("the server closed the connection");
    await file.sync().catch((error: unknown) => {
      throw fileError(part, error);
    });
  } catch (error) {
    // A full disk is of use to nobody: the part file gives back its room.
    if (isArgminError(error)) await rm(part, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Tells a failing connection from a failing disk. */
async function* breaking(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw new Broken(reasonOf(error), { cause: error });
  }
}

/** A chunk may be written in pieces; each goes to its own place, so an attempt can only write what belongs there. */
async function writeAt(file: FileHandle, chunk: Uint8Array, position: number, part: string): Promise<void> {
  try {
    for (let written = 0; written < chunk.length;) {
      written += (await file.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
    }
  } catch (error) {
    throw fileError(part, error);
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The first byte of a `Content-Range: bytes 100-199/200`. */
function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/u.exec(response.headers.get("content-range") ?? "")?.[1] ?? 0);
}

function totalOf(response: Response, start: number): number | undefined {
  const range = /\/(\d+)$/u.exec(response.headers.get("content-range") ?? "")?.[1];
  if (range !== undefined) return Number(range);
  const length = response.headers.get("content-length");
  return length === null ? undefined : start + Number(length);
}

/** A connection that failed: worth another attempt. */
class Broken extends Error {}

/** `fetch` hides the reason in the cause of its error, and there sometimes in a code alone. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const message = messageOf(cause);
  return message === "" && cause instanceof Error && "code" in cause ? String(cause.code) : message;
}

function unreachable(task: Download, error: Error, received: number): ArgminError {
  const found =
    received === 0
      ? `${task.address} cannot be reached (${error.message})`
      : `${task.address} broke off after ${megabytes(received)} MB (${error.message})`;
  const goOn = received === 0 ? "Connect this machine to the network" : "Run it again to go on from there";
  return new ArgminError("data/missing", `${task.name} is not on this machine, and ${found}. ${goOn}, ${byHand(task)}.`, {
    cause: error,
  });
}

/** What somebody can do who has the file. */
function byHand({ path }: Download): string {
  return `put ${basename(path)} at ${path}, or set ARGMIN_DATA to the folder that has it`;
}

function refused(task: Download, problem: string): ArgminError {
  return new ArgminError(
    "data/missing",
    `${task.name} is not on this machine, and ${task.address} does not hand it out: ${problem}. To go on, ${byHand(task)}.`,
  );
}
