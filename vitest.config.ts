import { defineConfig } from "vitest/config";

/** `unit` is quick and needs nothing but Node; `scenarios` start a local cloud with real etcd on its hosts. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/**/*.test.ts"], exclude: ["test/scenarios/**"], testTimeout: 20_000 } },
      {
        test: {
          name: "scenarios",
          include: ["test/scenarios/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          globalSetup: ["test/support/build-product.ts"],
        },
      },
    ],
  },
});
