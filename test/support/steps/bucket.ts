import { createHash } from "node:crypto";
import type { ObjectExtras } from "../../../functions/aws/s3/objects.ts";
import type { Owned } from "../../../functions/domain/ownership/ownership.ts";

/** Objects of a bucket as functions/aws/s3 has them, by their keys. */
export class TestBucket {
  readonly objects = new Map<string, string>();
  readonly contexts = new Map<string, Readonly<Record<string, string>>>();
  readonly tags = new Map<string, Readonly<Record<string, string>>>();

  /** An object that a host has uploaded; answers with what it says of it. */
  upload(key: string, body: string): { readonly bytes: number; readonly sha256: string } {
    this.objects.set(key, body);
    return { bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
  }

  readonly calls = {
    putObject: async (
      { key }: { readonly key: string },
      body: string,
      { context = {}, tags = {} }: ObjectExtras = {},
    ) => {
      this.objects.set(key, body);
      this.contexts.set(key, context);
      this.tags.set(key, tags);
    },
    tagObject: async ({ key }: { readonly key: string }, tags: Readonly<Record<string, string>>) => {
      this.tags.set(key, tags);
      return this.objects.has(key);
    },
    findObject: async ({ key }: { readonly key: string }) => {
      const body = this.objects.get(key);
      if (body === undefined) return undefined;
      const sum = createHash("sha256").update(body);
      const sha256 = sum.copy().digest("hex");
      return { bytes: body.length, sha256, checksum: sum.digest("base64") };
    },
    findText: async ({ key }: { readonly key: string }) => this.objects.get(key),
    deleteBackup: async (_: string, { id }: Owned<"backup">) => {
      for (const key of this.objects.keys()) if (key.startsWith(id)) this.objects.delete(key);
    },
  };
}
