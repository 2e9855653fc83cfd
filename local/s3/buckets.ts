import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CloudContext } from "../context/context.ts";
import type { Principal } from "../context/credentials.ts";
import { Bucket, type BucketSettings } from "./bucket.ts";
import { s3Error } from "./errors.ts";

type Ask = (principal: Principal, action: string, resource: string) => boolean;

/** What S3 asks IAM for beside the call itself. */
export interface Permissions {
  /** For one of the things that a call does; noted as every decision. */
  readonly mayDo: Ask;
  /** Where only the words of an answer depend on it; not noted. */
  readonly wouldAllow: Ask;
}

/** The buckets of an account, below one folder of this machine. */
export class Buckets {
  readonly #context: CloudContext;
  readonly #directory: string;
  readonly permissions: Permissions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(context: CloudContext, directory: string, permissions: Permissions) {
    this.#context = context;
    this.#directory = directory;
    this.permissions = permissions;
  }

  /** Makes a bucket, or takes over the one of that name. */
  ensure(name: string, settings: BucketSettings): Bucket {
    const present = this.#buckets.get(name);
    if (present) {
      present.settings = settings;
      return present;
    }
    const directory = join(this.#directory, name);
    mkdirSync(directory, { recursive: true });
    const bucket = new Bucket(directory, name, settings, this.#context.clock.now());
    this.#buckets.set(name, bucket);
    return bucket;
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  /** @throws AwsError `NoSuchBucket` */
  get(name: string | undefined): Bucket {
    const bucket = this.#buckets.get(name ?? "");
    if (!bucket) throw s3Error.noSuchBucket();
    return bucket;
  }

  list(): Bucket[] {
    return [...this.#buckets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  remove(bucket: Bucket): void {
    this.#buckets.delete(bucket.name);
    rmSync(join(this.#directory, bucket.name), { recursive: true, force: true });
  }

  /** Who may not list a bucket does not learn which keys it has not (GetObject, "Permissions"). */
  missing(bucket: Bucket, principal: Principal) {
    const mayList = this.permissions.wouldAllow(principal, "s3:ListBucket", bucket.arn);
    return mayList ? s3Error.noSuchKey() : s3Error.accessDenied();
  }
}
