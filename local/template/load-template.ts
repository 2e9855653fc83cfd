import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AssetManifestSchema, type Template, TemplateSchema } from "./template-schema.ts";

/** A synthesized stack: its template, and where the files lie that a deployment would upload. */
export interface LoadedTemplate {
  readonly stackName: string;
  readonly template: Template;
  /** The template's text, as it was synthesized. */
  readonly body: string;
  /** Path of the file or folder behind an S3 key. Throws when the manifest has no such asset. */
  assetPath(objectKey: string): string;
}

/**
 * Reads `<Stack>.template.json` and `<Stack>.assets.json` of a CDK output folder. The zip of a function is a folder
 * there, a state machine's definition a file.
 */
export async function loadTemplate(cdkOut: string, stackName: string): Promise<LoadedTemplate> {
  const [body, assets] = await Promise.all([
    readFile(join(cdkOut, `${stackName}.template.json`), "utf8"),
    readFile(join(cdkOut, `${stackName}.assets.json`), "utf8"),
  ]);
  const manifest: unknown = JSON.parse(assets);
  const paths = new Map<string, string>();
  for (const { source, destinations } of Object.values(AssetManifestSchema.parse(manifest).files))
    for (const { objectKey } of Object.values(destinations)) paths.set(objectKey, join(cdkOut, source.path));
  return {
    stackName,
    template: TemplateSchema.parse(JSON.parse(body)),
    body,
    assetPath(objectKey) {
      const path = paths.get(objectKey);
      if (path === undefined) throw new Error(`${stackName}.assets.json has no asset for the S3 key ${objectKey}`);
      return path;
    },
  };
}
