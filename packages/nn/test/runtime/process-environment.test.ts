import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { trainingEnvironment } from "../../src/runtime/process-environment.ts";

describe("trainingEnvironment", () => {
  it("keeps what the environment had", () => {
    const environment = trainingEnvironment({ HOME: "/home", GLIBC_TUNABLES: "glibc.rtld.nns=4" });
    expect(environment["HOME"]).toBe("/home");
    expect(environment["GLIBC_TUNABLES"]).toMatch(
      /^glibc\.rtld\.nns=4:glibc\.malloc\.mmap_threshold=\d+:glibc\.malloc\.hugetlb=1$/,
    );
  });

  it.each([{ GLIBC_TUNABLES: "glibc.malloc.arena_max=1" }, { MALLOC_MMAP_THRESHOLD_: "1048576" }])(
    "leaves the allocator as the user has set it: %o",
    (given) => expect(trainingEnvironment(given)).toEqual(given),
  );

  it("starts processes that have nothing to say about it", () => {
    const { status, stderr } = spawnSync(process.execPath, ["-e", "0"], {
      env: trainingEnvironment(process.env),
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
  });
});
