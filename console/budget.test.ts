import { expect, test } from "vitest";
import { buildConsole } from "../scripts/build-console.ts";

function sizeOf({ gzip }: { readonly gzip: string }): number {
  return Buffer.from(gzip, "base64").length;
}

test("6.6.12: the first load is at most 60 kB of script and 12 kB of styles, compressed", async () => {
  const files = Object.entries(await buildConsole());
  const page = Buffer.from(files.find(([name]) => name === "index.html")?.[1].gzip ?? "", "base64");
  expect(page.length).toBeGreaterThan(0);
  const scripts = files.filter(([name]) => /\/(main|chunk)-\w+\.js$/.test(name));
  const styles = files.filter(([name]) => name.endsWith(".css"));

  expect(scripts.length).toBeGreaterThan(0);
  expect(scripts.reduce((sum, [, file]) => sum + sizeOf(file), 0)).toBeLessThan(60_000);
  expect(styles.map(([, file]) => sizeOf(file))).toEqual([expect.any(Number)]);
  expect(styles.reduce((sum, [, file]) => sum + sizeOf(file), 0)).toBeLessThan(12_000);
});

test("the page has no script and no style of its own, and every other file has a hash in its name", async () => {
  const { "index.html": page, ...assets } = await buildConsole();
  const { gunzipSync } = await import("node:zlib");
  const text = gunzipSync(Buffer.from(page?.gzip ?? "", "base64")).toString();

  expect(text).not.toMatch(/<style|<script(?![^>]* src=)|style=|onload=/);
  expect(page?.immutable).toBe(false);
  for (const [name, { immutable }] of Object.entries(assets)) {
    expect(name).toMatch(/^assets\/[\w-]+-[A-Z0-9]{8}\.(?:js|css|svg)$/);
    expect(immutable).toBe(true);
  }
});
