import { describe, expect, it } from "vitest";
import { ManualClock, sleep, systemClock } from "@argmin/base";

describe("clocks", () => {
  it("stand still until moved, or go with the machine", () => {
    const clock = new ManualClock(5);
    expect(clock.now()).toBe(5);
    clock.advance(10);
    expect(clock.now()).toBe(15);
    expect(systemClock.now()).toBeGreaterThan(Date.UTC(2020, 0));
  });
});

describe("sleep", () => {
  it("ends by itself", async () => {
    await expect(sleep(1)).resolves.toBeUndefined();
    await expect(sleep(1, new AbortController().signal)).resolves.toBeUndefined();
  });

  it("ends early with the signal's reason, before or during the wait", async () => {
    await expect(sleep(1e6, AbortSignal.abort("before"))).rejects.toBe("before");
    const controller = new AbortController();
    const wait = sleep(1e6, controller.signal);
    controller.abort("during");
    await expect(wait).rejects.toBe("during");
  });
});
