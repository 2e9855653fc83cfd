import type { AddOn } from "./add-ons.ts";

/** A field of a line stands for nothing. */
const NONE = "-";

/**
 * What the document `install-add-ons` takes: base64 of a line each, with tabs between name, namespace, address, SHA-256
 * sum, values (of a chart), what is replaced (in a manifest) and the Deployment that is to use its host's network.
 */
export function installList(addOns: readonly AddOn[]): string {
  const lines = addOns.map(({ name, namespace, from, onHostNetwork = NONE }) => {
    const [{ url, sha256 }, values, replace] =
      "manifest" in from
        ? [from.manifest, NONE, from.replace?.join(" ") ?? NONE]
        : [from.chart, JSON.stringify(from.values), NONE];
    return `${[name, namespace, url, sha256, values, replace, onHostNetwork].join("\t")}\n`;
  });
  return Buffer.from(lines.join("")).toString("base64");
}
