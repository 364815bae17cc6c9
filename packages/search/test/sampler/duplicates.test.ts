import {
  type Assignment,
  compileSpace,
  createSampler,
  duplicateAttemptLimit,
  hp,
  type Proposal,
  proposeConfiguration,
} from "@argmin/search";
import { contextOf } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";

const space = compileSpace({ kind: hp.choice(["a", { kind: "b", n: hp.int(1, 3) }]), rate: hp.quniform(0, 0.2, 0.1) });
const a = { kind: 0, rate: 0.1 };
const b = { kind: 1, "kind[1].n": 2, rate: 0.1 };

function propose(policy: "allow" | "avoid" | "reuse", suggestions: readonly Assignment[], seen: readonly Assignment[]): Proposal {
  const hashes = new Set(seen.map((assignment) => space.hash(assignment)));
  return proposeConfiguration({
    policy,
    space,
    suggest: (attempt) => suggestions[Math.min(attempt, suggestions.length - 1)]!,
    seen: (hash) => hashes.has(hash),
    seenCount: hashes.size,
  });
}

describe("the policy for repeats", () => {
  it("gives the effective assignment and its hash", () => {
    const loose = { rate: 0.1000001, kind: 0, "kind[1].n": 3 };
    expect(propose("avoid", [loose], [])).toEqual({ action: "evaluate", assignment: a, hash: space.hash(a), attempt: 0 });
  });

  it("evaluates a repeat again if repeats are allowed", () => {
    expect(propose("allow", [a, b], [a])).toMatchObject({ action: "evaluate", assignment: a, attempt: 0 });
  });

  it("takes over the earlier result if it may be reused", () => {
    expect(propose("reuse", [a, b], [a])).toMatchObject({ action: "reuse", hash: space.hash(a) });
    expect(propose("reuse", [a, b], [b])).toMatchObject({ action: "evaluate", hash: space.hash(a) });
  });

  it("asks again while repeats are to be avoided, judging by what is in effect", () => {
    const inactive = { ...a, "kind[1].n": 1 };
    expect(propose("avoid", [a, inactive, a, b], [a])).toMatchObject({ action: "evaluate", assignment: b, attempt: 3 });
  });

  it("finds what is left of a finite space if the sampler does not", () => {
    const seen: Assignment[] = [];
    for (let i = 0; i < 12; i++) {
      const proposal = propose("avoid", [a], seen);
      expect(seen.map((assignment) => space.hash(assignment))).not.toContain(proposal.hash);
      expect(proposal.attempt).toBe(i === 0 ? 0 : duplicateAttemptLimit);
      seen.push(proposal.assignment);
    }
    expect(() => propose("avoid", [a], seen)).toThrow(expect.objectContaining({ code: "sampler/exhausted" }));
    expect(() => propose("avoid", [a], seen)).toThrow("All 12 configurations of the space have been tried");
    expect(propose("allow", [a], seen)).toMatchObject({ action: "evaluate" });
  });

  it("lets a repeat pass where an infinite space's sampler insists on it", () => {
    const infinite = compileSpace({ x: hp.uniform(0, 1) });
    let asked = 0;
    const proposal = proposeConfiguration({
      policy: "avoid",
      space: infinite,
      suggest: () => ({ x: (asked++, 0.5) }),
      seen: () => true,
      seenCount: 1,
    });
    expect(proposal).toMatchObject({ action: "evaluate", assignment: { x: 0.5 }, attempt: duplicateAttemptLimit });
    expect(asked).toBe(duplicateAttemptLimit + 1);
  });

  it("makes the random sampler cover a finite space without a repeat", () => {
    const sampler = createSampler("random");
    const seen = new Set<string>();
    for (let number = 0; number < 12; number++) {
      const { hash } = proposeConfiguration({
        policy: "avoid",
        space,
        suggest: (attempt) => sampler.suggest(contextOf(space, { number, attempt })),
        seen: (hash) => seen.has(hash),
        seenCount: seen.size,
      });
      seen.add(hash);
    }
    expect(BigInt(seen.size)).toBe(space.size());
  });
});
