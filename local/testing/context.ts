import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { realClock } from "../context/clock.ts";
import type { CloudContext, CloudEvent } from "../context/context.ts";
import { CredentialStore } from "../context/credentials.ts";
import type { FunctionConfiguration } from "../lambda/contract.ts";

export const ACCOUNT = "123456789012";
export const REGION = "us-west-2";

/** A context of its own for one test; `published` collects what services put on the bus. */
export function testContext(
  overrides: Partial<CloudContext> = {},
): CloudContext & { readonly published: CloudEvent[] } {
  const published: CloudEvent[] = [];
  let count = 0;
  return {
    region: REGION,
    accountId: ACCOUNT,
    clock: realClock,
    credentials: new CredentialStore(ACCOUNT),
    publish: (event) => void published.push(event),
    id: (prefix) => {
      count += 1;
      return `${prefix}-0${count.toString(16).padStart(16, "0")}`;
    },
    log: () => {},
    ...overrides,
    published,
  };
}

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A function whose bundle is this CommonJS text. */
export function functionFrom(source: string, overrides: Partial<FunctionConfiguration> = {}): FunctionConfiguration {
  const directory = temporaryDirectory();
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "index.cjs"), source);
  return {
    name: "step",
    directory,
    handler: "index.handler",
    roleArn: `arn:aws:iam::${ACCOUNT}:role/StepRole`,
    environment: {},
    timeoutSeconds: 3,
    memoryMegabytes: 128,
    runtime: "nodejs24.x",
    architecture: "arm64",
    description: "",
    logGroup: "/aws/lambda/step",
    ...overrides,
  };
}

/** Waits until the probe answers something; fails with its last error after two seconds. */
export async function eventually<T>(probe: () => T | undefined | Promise<T | undefined>): Promise<NonNullable<T>> {
  const deadline = Date.now() + 2_000;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error("what the test waits for did not happen within two seconds");
    await realClock.sleep(5);
  }
}
