import { readOperatorKey } from "./cloud/operator-key.ts";

/** Prints the operator's key of the local cloud whose API has the port that is named, for a shell: `eval "$(…)"`. */
const [port = "4510"] = process.argv.slice(2);
const key = await readOperatorKey(port);
if (key) {
  console.log(`export AWS_ACCESS_KEY_ID=${key.accessKeyId}\nexport AWS_SECRET_ACCESS_KEY=${key.secretAccessKey}`);
} else {
  console.error(`No local cloud of this checkout runs on port ${port}. Start one: npm run local -- --port ${port}`);
  process.exitCode = 1;
}
