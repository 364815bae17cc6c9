import { defineConfig } from "vitest/config";

/** Tests import the packages' sources, so none of them needs a build. */
const conditions = ["@argmin/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "docs/test/**/*.test.ts"],
    setupFiles: ["vitest.setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // One fork a core: the default leaves one core idle, and most tests keep a single thread busy.
    maxWorkers: "100%",
    reporters: ["default", ["json", { outputFile: "coverage/tests.json" }]],
    coverage: {
      provider: "v8",
      include: ["packages/{search,nn}/src/**/*.ts"],
      reporter: ["text-summary"],
      thresholds: {
        "packages/search/src/**": { lines: 90 },
        "packages/nn/src/**": { lines: 90 },
      },
    },
  },
});
