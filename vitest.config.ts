import { defineConfig } from "vitest/config";

/**
 * `unit` is quick and needs nothing but Node; `scenarios` start a local cloud with real etcd on its hosts, and so do
 * `attacks`, which try to break it, and `aws`, faults that only a cloud as strict as AWS shows; `proof` takes minutes
 * (fault cases by name, histories through faults, crash sweeps) and has a command of its own.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/scenarios/**", "test/attacks/**", "test/aws/**", "test/proof/**"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "scenarios",
          include: ["test/scenarios/**/*.test.ts", "test/attacks/**/*.test.ts", "test/aws/**/*.test.ts"],
          testTimeout: 400_000,
          hookTimeout: 240_000,
          maxWorkers: 2,
          globalSetup: ["test/support/build-product.ts"],
        },
      },
      {
        test: {
          name: "proof",
          include: ["test/proof/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
          globalSetup: ["test/support/build-product.ts"],
        },
      },
    ],
  },
});
