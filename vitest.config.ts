import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** What a user would name first: create by the guide, heal, refuse, delete, API and chat. `npm test` runs these. */
const CORE = ["ha-cluster", "quotas", "delete-cluster", "http-api", "chat"].map(
  (name) => `test/scenarios/${name}.test.ts`,
);
const PROCESSES = [
  "test/scenarios/**",
  "test/attacks/**",
  "test/aws/**",
  "test/proofs/**",
  "test/etcd/**",
  "test/console/**",
];

/** Boot scripts are texts, as they are to the bundler (scripts/build.ts). */
const shellTexts = {
  name: "shell-texts",
  load: (id: string) =>
    id.endsWith(".sh") ? `export default ${JSON.stringify(readFileSync(id, "utf8"))};` : undefined,
};
const WITH_LOCAL_CLOUD = {
  testTimeout: 400_000,
  hookTimeout: 240_000,
  maxWorkers: 2,
  globalSetup: ["test/support/build-product.ts"],
};

/**
 * `unit` is quick and needs nothing but Node; `local` holds the local cloud's own tests, and what needs its hosts or
 * etcd. `scenarios` start a local cloud with real etcd on its hosts, and so do `attacks`, which try to break it, and
 * `aws`, faults that only a cloud as strict as AWS shows; `proof` takes minutes (fault cases by name, histories through
 * faults, crash sweep runs) and has a command of its own.
 */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [shellTexts],
        test: {
          name: "unit",
          include: ["{functions,client,cli,console,infra,scripts,test}/**/*.test.ts"],
          exclude: PROCESSES,
          // Files share threads and modules: loading modules for each file took three times as long as the tests.
          // What reads the environment when it is loaded: test/support/environment.ts.
          pool: "threads",
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "local",
          include: ["local/**/*.test.ts", "test/etcd/**/*.test.ts"],
          globalSetup: ["test/support/host-tools.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "core",
          include: CORE,
          ...WITH_LOCAL_CLOUD,
        },
      },
      {
        test: {
          name: "scenarios",
          include: ["test/scenarios/**/*.test.ts", "test/attacks/**/*.test.ts", "test/aws/**/*.test.ts"],
          exclude: CORE,
          ...WITH_LOCAL_CLOUD,
        },
      },
      {
        test: {
          name: "console",
          include: ["test/console/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          maxWorkers: 1,
          globalSetup: ["test/support/build-product.ts"],
        },
      },
      {
        test: {
          name: "proof",
          include: ["test/proofs/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
          globalSetup: ["test/support/build-product.ts"],
        },
      },
    ],
  },
});
