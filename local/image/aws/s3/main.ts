import { runCommand } from "../run-command.ts";
import { copy } from "./copy.ts";
import { S3_OPERATIONS } from "./operations.ts";

void runCommand(process.argv.slice(2), { operations: S3_OPERATIONS, others: { "s3 cp": copy } }).then((exitCode) =>
  process.exit(exitCode),
);
