import { defineConfig } from "vitest/config";

/** Tests import the packages' sources; the processes they start run what is built of them, which starts in a fifth of the time. */
const conditions = ["@argmin/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "docs/test/**/*.test.ts"],
    globalSetup: ["vitest.build.ts"],
    setupFiles: ["vitest.setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxConcurrency: 2,
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
