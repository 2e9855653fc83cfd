import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where job.sh takes the script of its document. */
const JOB_SCRIPT = "# (the script of the document)\n";

export function documentText(document: string): string {
  return readFileSync(join(import.meta.dirname, `../../functions/hosts/documents/${document}.sh`), "utf8");
}

/** A script as a job that may take so many seconds: see functions/hosts/documents/job.sh. */
export function jobText(script: string, timeLimit: number): string {
  return documentText("job")
    .replace(JOB_SCRIPT, () => script)
    .replace("{{ timeLimit }}", String(timeLimit));
}
