import type { MessageStream } from "../terminal.ts";
import { fit, oneLine } from "./text.ts";

/** Says on standard error what long work is doing. */
export interface Stages {
  /** Begins a stage: "drawing 12 charts". */
  begin(what: string): void;
  /** Takes away what should not stay. */
  close(): void;
}

/**
 * On a terminal one line that is redrawn; elsewhere a line a stage.
 *
 * @param isLong - Whether it is worth a line where lines stay.
 */
export function openStages(stream: MessageStream, isLong: () => boolean): Stages {
  const erase = "\r\u001B[K";
  return {
    begin: (what) => {
      const text = `${oneLine(what)} ...`;
      if (stream.live) stream.write(erase + fit(text, Math.max(20, stream.columns() - 1)));
      else if (isLong()) stream.write(`argmin: ${text}\n`);
    },
    close: () => {
      if (stream.live) stream.write(erase);
    },
  };
}
