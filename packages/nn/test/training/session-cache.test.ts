import { describe, expect, it } from "vitest";
import { SessionCache } from "../../src/training/session-cache.ts";

/** A cache of two, and what was compiled (+) and freed (-) in it. */
function watched() {
  const log: string[] = [];
  const cache = new SessionCache<string>(2);
  const get = (key: string): Promise<string> =>
    cache.get(key, async () => {
      log.push(`+${key}`);
      return { session: { dispose: async () => void log.push(`-${key}`) }, use: key };
    });
  return { cache, log, get };
}

describe("SessionCache", () => {
  it("keeps those used last", async () => {
    const { cache, log, get } = watched();
    for (const key of ["a", "b", "a", "c", "a", "b"]) expect(await get(key)).toBe(key);
    expect(log).toEqual(["+a", "+b", "-b", "+c", "-c", "+b"]);
    await cache.dispose();
    expect(log.slice(6).toSorted()).toEqual(["-a", "-b"]);
  });

  it("does not keep what failed, and frees what is being compiled", async () => {
    const { cache, log, get } = watched();
    const failing = cache.get("bad", () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(await get("bad")).toBe("bad");
    const pending = cache.get("late", () => Promise.reject(new Error("late"))).catch(() => "failed");
    await cache.dispose();
    expect(await pending).toBe("failed");
    const compiled = get("a");
    await cache.dispose();
    await compiled;
    expect(log).toEqual(["+bad", "-bad", "+a", "-a"]);
  });
});
