import { Strategy } from "../../functions/domain/fleet/strategy.ts";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { shown } from "../../functions/domain/spec/values.ts";
import { readYamlFile } from "./spec-command.ts";

/** The stages of a file, or everything that is wrong with them; nothing without a file. */
export async function readStrategy(
  filename: string | null,
): Promise<{ readonly value?: Strategy; readonly problems: readonly Problem[] }> {
  if (filename === null) return { problems: [] };
  const file = await readYamlFile(filename, "--strategy");
  if ("problem" in file) return { problems: [file.problem] };
  const parsed = Strategy.safeParse(file.value);
  if (parsed.success) return { value: parsed.data, problems: [] };
  const problems = parsed.error.issues.map(({ path, message }) => {
    const place = path.map(String).join(".") || "strategy";
    return { flag: "--strategy", value: shown(place), message: `--strategy: ${place}: expected ${message}` };
  });
  return { problems };
}
