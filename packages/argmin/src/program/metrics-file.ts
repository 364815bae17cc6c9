import { open } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { StringDecoder } from "node:string_decoder";

/** How often a file is looked at for new lines. */
const pollMs = 100;

/**
 * Follows a file that another process appends to, and calls `onLine` with each line that is whole.
 *
 * @returns what ends it: the rest of the file is read first, a last line without its end included.
 */
export function followLines(path: string, onLine: (line: string) => void): () => Promise<void> {
  const decoder = new StringDecoder("utf8");
  const ended = new AbortController();
  let offset = 0;
  let rest = "";
  const read = async (): Promise<void> => {
    const file = await open(path, "r").catch(() => undefined);
    if (file === undefined) return;
    try {
      const { size } = await file.stat();
      // Written anew.
      if (size < offset) offset = 0;
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - offset), position: offset });
      offset += bytesRead;
      const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    } finally {
      await file.close();
    }
  };
  const following = (async () => {
    while (!ended.signal.aborted) {
      await read();
      await wait(pollMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
    await read();
    if (rest !== "") onLine(rest);
  })();
  return () => {
    ended.abort();
    return following;
  };
}
