import { describe, expect, it } from "vitest";
import { agentLimits, AgentRules } from "../../src/sweep/agent-rules.ts";

describe("agent rules", () => {
  it("give up after three failures in the first minute, not after it", () => {
    let now = 0;
    const rules = new AgentRules(agentLimits({}), () => now);
    expect(rules.ended("complete")).toBeUndefined();
    expect(rules.ended("failed")).toBeUndefined();
    expect(rules.ended("failed")).toBeUndefined();
    expect(rules.ended("failed")).toMatch(/3 trials failed in the first minute/);
    now = 61_000;
    expect(rules.ended("complete")).toBeUndefined();
    expect(rules.ended("failed")).toBeUndefined();
  });

  it("give up once failures are five, and no fewer than what succeeded", () => {
    let now = 0;
    const rules = new AgentRules(agentLimits({}), () => (now += 90_000));
    for (const state of ["complete", "pruned", "complete", "complete", "complete"] as const) rules.ended(state);
    for (let i = 0; i < 4; i++) expect(rules.ended("failed")).toBeUndefined();
    expect(rules.ended("failed")).toMatch(/5 trials failed and 5 did not/);
  });

  it("heed the environment, in W&B's names too", () => {
    expect(agentLimits({})).toEqual({ failing: 5, flapping: 3 });
    expect(agentLimits({ WANDB_AGENT_DISABLE_FLAPPING: "true", ARGMIN_AGENT_MAX_INITIAL_FAILURES: "9" })).toEqual({ failing: 9 });
    expect(agentLimits({ WANDB_AGENT_MAX_INITIAL_FAILURES: "none" })).toEqual({ failing: 5, flapping: 3 });
  });
});
