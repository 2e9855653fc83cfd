import { vi } from "vitest";

/**
 * Sets variables that modules read when they are loaded, such as clients of AWS. What is imported from now on is loaded
 * again, since files of unit tests share their modules (vitest.config.ts). Variables of an earlier file go.
 */
export function setEnvironment(variables: Readonly<Record<string, string>>): void {
  vi.unstubAllEnvs();
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  vi.resetModules();
}
