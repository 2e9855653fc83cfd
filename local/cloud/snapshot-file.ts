import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { AutoScalingState } from "../autoscaling/model.ts";
import type { ElbState } from "../elbv2/model.ts";
import type { IamState } from "../iam/model.ts";
import type { Route53State } from "../route53/model.ts";
import type { QuotaState } from "../service-quotas/account-quotas.ts";
import type { SsmState } from "../ssm/model.ts";

/** The state of each service, as its `snapshot()` gave it. */
export interface Snapshot {
  readonly iam?: IamState;
  readonly ec2?: unknown;
  readonly elbV2?: ElbState;
  readonly autoScaling?: AutoScalingState;
  readonly ssm?: SsmState;
  readonly dynamodb?: unknown;
  readonly route53?: Route53State;
  readonly quotas?: QuotaState;
  readonly stepFunctions?: unknown;
}

/** Only the local cloud writes this file, under a version: what has the version has the shape. */
const SnapshotFile = z.object({
  version: z.literal(1),
  services: z.custom<Snapshot>((value) => z.record(z.string(), z.unknown()).safeParse(value).success),
});

/** State of the local cloud in one file, replaced as a whole, so that a crash leaves the one before. */
export class SnapshotStore {
  readonly #directory: string;
  #written = "";
  #writing: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** What an earlier run left; nothing if there was none. Throws on a file that it does not understand. */
  async read(): Promise<Snapshot> {
    await mkdir(this.#directory, { recursive: true });
    try {
      return SnapshotFile.parse(JSON.parse(await readFile(this.#path, "utf8"))).services;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
      throw new Error(`${this.#path} is no state of this version of the local cloud`, { cause: error });
    }
  }

  /** Writes if something has changed; one write after the other. */
  async write(services: Snapshot): Promise<void> {
    const text = JSON.stringify({ version: 1, services });
    this.#writing = this.#writing.catch(() => {}).then(() => this.#replace(text));
    await this.#writing;
  }

  async #replace(text: string): Promise<void> {
    if (text === this.#written) return;
    const draft = `${this.#path}.new`;
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, this.#path);
    this.#written = text;
  }

  get #path(): string {
    return join(this.#directory, "state.json");
  }
}
