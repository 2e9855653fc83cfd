import type { Command as CommanderCommand } from "commander";
import type { Sink } from "./command.ts";

/** Hours that a session may last; the API holds them, too. */
const MAX_HOURS = 12;

export function addConsole(program: CommanderCommand, sink: Sink): void {
  const command = program.command("console");
  const hours = Array.from({ length: MAX_HOURS }, (_, index) => String(index + 1));
  command
    .description("open the web console in a browser, signed in as whoever signs here")
    .addOption(command.createOption("--hours <n>", `how long the session lasts, 1 to ${MAX_HOURS} (12)`).choices(hours))
    .option("--no-open", "print the address only; it works once, for a minute")
    .action(({ hours: asked, open }: { hours?: string; open: boolean }) =>
      sink.command({ kind: "console", hours: Number(asked ?? MAX_HOURS), open }),
    );
}
