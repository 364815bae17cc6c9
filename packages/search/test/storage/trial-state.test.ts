import { isArgminError } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { afterLoss, lossOf, renewalIntervalMs } from "../../src/storage/lease.ts";
import { ensurePossible, statesBefore, transitions, trialStates } from "../../src/storage/trial.ts";
import { isOfThisProcess, livenessOf, newWorkerName, parseWorker } from "../../src/storage/worker.ts";

describe("the state machine of trials", () => {
  it("reaches every state from waiting, and leaves no finished one", () => {
    const reached = new Set(["waiting"]);
    for (const state of trialStates) for (const next of Object.values(transitions[state])) reached.add(next);
    expect([...reached].toSorted()).toEqual([...trialStates].toSorted());
    for (const state of ["complete", "pruned", "failed"] as const) expect(transitions[state]).toEqual({});
  });

  it("refuses what comes after the end as trial/finished, and what is out of place as an error of the program", () => {
    expect(() => ensurePossible("claim", "waiting", 3)).not.toThrow();
    expect(() => ensurePossible("complete", "waiting", 3)).toThrow(/internal/);
    let thrown: unknown;
    try {
      ensurePossible("fail", "complete", 3);
    } catch (error) {
      thrown = error;
    }
    expect(isArgminError(thrown, "trial/finished")).toBe(true);
  });

  it("is what SQL's conditions are made of", () => {
    expect(statesBefore("claim")).toEqual(["waiting"]);
    expect(statesBefore("complete")).toEqual(["running"]);
  });
});

describe("leases", () => {
  const lease = { token: 1, worker: "w", expiresAt: 1000 };

  it("are lost when the process ended, or else when time is up", () => {
    expect(lossOf(lease, 0, "ended")).toMatch(/ended/);
    expect(lossOf(lease, 999, "unknown")).toBeUndefined();
    expect(lossOf(lease, 1000, "unknown")).toMatch(/no sign of life/);
    expect(lossOf(lease, 1000, "alive")).toMatch(/no sign of life/);
    expect(lossOf(lease, 999, "alive")).toBeUndefined();
  });

  it("let a trial be tried as often as there are retries, and once more", () => {
    expect([1, 2, 3, 4].map((attempts) => afterLoss(attempts, 3))).toEqual(["lose", "lose", "lose", "abandon"]);
    expect(afterLoss(1, 0)).toBe("abandon");
  });

  it("are renewed often enough to miss it twice", () => {
    expect(renewalIntervalMs(90_000) * 3).toBeLessThanOrEqual(90_000);
    expect(renewalIntervalMs(1)).toBe(1);
    // Longer timers run at once.
    expect(renewalIntervalMs(Number.MAX_VALUE)).toBe(2 ** 31 - 1);
  });
});

describe("worker names", () => {
  it("lead back to the process", () => {
    const name = newWorkerName();
    expect(newWorkerName()).not.toBe(name);
    expect(parseWorker(name)?.pid).toBe(process.pid);
    expect(isOfThisProcess(name)).toBe(true);
    expect(livenessOf(name)).toBe("alive");
  });

  it("tell that a process ended, or that another one has its number now", () => {
    const [host, , started, nonce] = newWorkerName().split("/");
    // No process has a number above the system's limit of 2^22.
    expect(livenessOf(`${host}/99999999/${started}/${nonce}`)).toBe("ended");
    expect(isOfThisProcess(`${host}/${process.pid}/before/${nonce}`)).toBe(false);
    expect(livenessOf(`${host}/${process.pid}/before/${nonce}`)).toBe(started === "" ? "alive" : "ended");
  });

  it("of other machines, and such as are no process, tell nothing", () => {
    const name = newWorkerName();
    for (const other of [`elsewhere${name}`, "w", "", "a/b/c/d", "a/0/1/2"]) expect(livenessOf(other)).toBe("unknown");
  });
});
