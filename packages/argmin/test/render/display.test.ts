import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openDisplay } from "../../src/render/display.ts";
import type { ProgressState } from "../../src/render/progress.ts";
import type { MessageStream } from "../../src/terminal.ts";

const state: ProgressState = {
  study: "s",
  metric: "loss",
  total: 4,
  ended: 1,
  failed: 0,
  pruned: 0,
  rejected: 0,
  paused: 0,
  steps: undefined,
  best: undefined,
  startedAt: 0,
  endedHere: 0,
  workers: [{ kind: "idle" }],
  stopping: false,
};

let written: string[];
const stream = (live: boolean): MessageStream => ({
  write: (text) => void written.push(text),
  live,
  coloured: false,
  columns: () => 60,
});

beforeEach(() => {
  written = [];
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => vi.useRealTimers());

describe("on a terminal", () => {
  it("redraws its lines in place, keeps lines above them, and leaves nothing behind", () => {
    const display = openDisplay(stream(true), state);
    expect(screen()).toEqual([
      "s: 1 of 4 trials · no result yet",
      "[======                  ]  25 %  0 ms so far",
      "  worker 1  idle",
    ]);
    display.update({ ...state, ended: 2 });
    vi.advanceTimersByTime(100);
    expect(screen()[0]).toBe("s: 2 of 4 trials · no result yet");
    expect(screen()).toHaveLength(3);
    display.line("Trial 1 failed:\nno luck");
    expect(screen().slice(0, 2)).toEqual(["Trial 1 failed: no luck", "s: 2 of 4 trials · no result yet"]);
    display.close();
    expect(screen()).toEqual(["Trial 1 failed: no luck"]);
    vi.advanceTimersByTime(1000);
    expect(screen()).toEqual(["Trial 1 failed: no luck"]);
  });
});

describe("elsewhere", () => {
  it("is plain lines, with one now and then while nothing happens", () => {
    const display = openDisplay(stream(false), state);
    display.update({ ...state, ended: 2 });
    vi.advanceTimersByTime(29_000);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(2000);
    expect(written).toEqual(["2 of 4 trials, none running, 30.0 s so far\n"]);
    display.line("Trial 2 complete");
    vi.advanceTimersByTime(29_000);
    expect(written).toHaveLength(2);
    display.close();
    vi.advanceTimersByTime(100_000);
    expect(written).toHaveLength(2);
  });
});

/** What a terminal would show of all that was written: it knows line ends, "up n lines" and "clear from here". */
function screen(): readonly string[] {
  const lines: string[] = [];
  let row = 0;
  for (const [, up, clear, text, end] of written.join("").matchAll(/\p{Cc}\[(\d+)A|(\p{Cc}\[J)|(\P{Cc}+)|(\n)/gu)) {
    if (up !== undefined) row -= Number(up);
    if (clear !== undefined) lines.length = row;
    if (text !== undefined) lines[row] = text;
    if (end !== undefined) row += 1;
  }
  return lines;
}
