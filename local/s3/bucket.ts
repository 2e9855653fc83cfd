import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PolicyDocument } from "../iam/policy.ts";
import { type Encryption, StoredObject, Upload } from "./model.ts";

export interface BucketSettings {
  readonly encryption: Encryption;
  readonly versioning?: "Enabled" | "Suspended";
}

/**
 * A bucket's folder: `data/` has contents, `objects/` and `uploads/` a file of JSON for each object and each upload in parts.
 * Changes are made at once and between two others, so that conditional writes hold; a crash leaves the old object or the new.
 */
export class Bucket {
  readonly name: string;
  readonly createdAt: number;
  settings: BucketSettings;
  policy: PolicyDocument | undefined;
  readonly #directory: string;
  readonly #objects = new Map<string, StoredObject>();
  readonly #uploads = new Map<string, Upload>();

  /** Makes the folder, or takes over what a former run left there. */
  constructor(directory: string, name: string, settings: BucketSettings, createdAt: number) {
    this.name = name;
    this.settings = settings;
    this.createdAt = createdAt;
    this.#directory = directory;
    for (const folder of ["data", "objects", "uploads"]) mkdirSync(join(directory, folder), { recursive: true });
    for (const text of this.#read("objects")) {
      const object = StoredObject.parse(JSON.parse(text));
      this.#objects.set(object.key, object);
    }
    for (const text of this.#read("uploads")) {
      const upload = Upload.parse(JSON.parse(text));
      this.#uploads.set(upload.id, upload);
    }
    this.#removeUnknownData();
  }

  get arn(): string {
    return `arn:aws:s3:::${this.name}`;
  }

  get isEmpty(): boolean {
    return this.#objects.size === 0 && this.#uploads.size === 0;
  }

  /** A file for new data; whoever makes it hands it to `put` or `keepUpload`, or removes it. */
  newFile(): string {
    return randomUUID();
  }

  pathOf(file: string): string {
    return join(this.#directory, "data", file);
  }

  find(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  /** In the order of S3: by the bytes of the keys' UTF-8. */
  objects(): StoredObject[] {
    return [...this.#objects.values()].toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  put(object: StoredObject): void {
    const former = this.#objects.get(object.key);
    this.#write("objects", hashOf(object.key), object);
    this.#objects.set(object.key, object);
    // Who reads the former object has its file open.
    if (former && former.file !== object.file) this.dropFile(former.file);
  }

  remove(key: string): void {
    const former = this.#objects.get(key);
    if (!former) return;
    rmSync(join(this.#directory, "objects", `${hashOf(key)}.json`), { force: true });
    this.#objects.delete(key);
    this.dropFile(former.file);
  }

  findUpload(id: string): Upload | undefined {
    return this.#uploads.get(id);
  }

  uploads(): Upload[] {
    return [...this.#uploads.values()].toSorted((a, b) => a.initiatedAt - b.initiatedAt);
  }

  keepUpload(upload: Upload): void {
    this.#write("uploads", upload.id, upload);
    this.#uploads.set(upload.id, upload);
  }

  removeUpload(upload: Upload): void {
    rmSync(join(this.#directory, "uploads", `${upload.id}.json`), { force: true });
    this.#uploads.delete(upload.id);
    for (const { file } of upload.parts) this.dropFile(file);
  }

  dropFile(file: string): void {
    rmSync(this.pathOf(file), { force: true });
  }

  #read(folder: "objects" | "uploads"): string[] {
    const names = readdirSync(join(this.#directory, folder)).filter((name) => name.endsWith(".json"));
    return names.map((name) => readFileSync(join(this.#directory, folder, name), "utf8"));
  }

  #write(folder: "objects" | "uploads", name: string, content: object): void {
    const path = join(this.#directory, folder, `${name}.json`);
    writeFileSync(`${path}.new`, JSON.stringify(content));
    renameSync(`${path}.new`, path);
  }

  /** What a former run was still writing when it ended. */
  #removeUnknownData(): void {
    const known = new Set([
      ...[...this.#objects.values()].map(({ file }) => file),
      ...[...this.#uploads.values()].flatMap(({ parts }) => parts.map(({ file }) => file)),
    ]);
    for (const file of readdirSync(join(this.#directory, "data"))) if (!known.has(file)) this.dropFile(file);
  }
}

/** Keys may be longer than names of files, and contain anything. */
function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
