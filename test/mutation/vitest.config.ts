import { defineConfig } from "vitest/config";

/** The unit tests of the safety rules, for mutants of these rules. */
export default defineConfig({ test: { include: ["functions/domain/**/*.test.ts"] } });
