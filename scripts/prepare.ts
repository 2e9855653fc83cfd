import { buildIfStale } from "../local/cloud/build-if-stale.ts";

/** After `npm ci`: builds what is deployed and what hosts boot from, so that the first start of the local cloud is quick. */
try {
  await buildIfStale(() => {});
} catch (error) {
  // Not worth failing an installation for: the local cloud builds what is missing, and says what is wrong.
  console.error(error instanceof Error ? error.message : String(error));
}
