import { OPERATIONS } from "./operations.ts";
import { runCommand } from "./run-command.ts";

void runCommand(process.argv.slice(2), { operations: OPERATIONS }).then((exitCode) => process.exit(exitCode));
