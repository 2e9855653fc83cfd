import type { RawFlag } from "../../functions/domain/spec/fields.ts";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import type { FleetCommand } from "./fleet-command.ts";
import { OUTPUT_FORMATS, type OutputFormat } from "./output-formats.ts";

export { OUTPUT_FORMATS, type OutputFormat };

/** What a line of words asks for, whether typed in a terminal or in a chat. */
export type Command =
  | CreateCluster
  | UpdateCluster
  | GetList
  | ValidateCluster
  | DeleteCluster
  | RestoreCluster
  | MigrateCluster
  | BackupCluster
  | DrillCluster
  | GetBackups
  | DescribeBackup
  | PinBackup
  | OpenConsole
  | FleetCommand
  | ExportKubeconfig
  | PrintCredential
  | RegisterFleet
  /** Arguments of these belong to other programs. */
  | { readonly kind: "local"; readonly args: readonly string[] }
  | { readonly kind: "demo"; readonly args: readonly string[] }
  | { readonly kind: "completion"; readonly args: readonly string[] }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" };

export interface GetList {
  readonly kind: "get-clusters" | "get-members" | "get-nodes" | "get-nodegroups" | "get-operations" | "get-events";
  readonly name: string | null;
  readonly output: OutputFormat;
  /** `-o wide`: a table with every column, however wide. */
  readonly wide?: true;
  /** Show the progress of the newest of these operations until it ends. */
  readonly follow?: true;
  /** Query parameters of the list that narrow it (docs/api.md); absent if none was given. */
  readonly filters?: Readonly<Record<string, string>>;
}

/** Commands that the API executes; the others are about this machine or about the words themselves. */
export type ApiCommand = Exclude<
  Command,
  {
    readonly kind:
      | "export-kubeconfig"
      | "credential"
      | "register-fleet"
      | "console"
      | "local"
      | "demo"
      | "completion"
      | "help"
      | "version";
  }
>;

export interface CreateCluster extends SpecCommand {
  readonly kind: "create-cluster";
  /** The backup that it begins with; absent: it begins empty. */
  readonly fromBackup?: FromBackup;
}

/** As typed: `[CLUSTER/]ID`, and the way, if one was said. */
export interface FromBackup {
  readonly source: string;
  readonly mode?: "takeover" | "copy";
}

/** `scale nodes` is an update of one field. Flags that are not given stay as they are. */
export interface UpdateCluster extends SpecCommand {
  readonly kind: "update-cluster";
}

export interface SpecCommand {
  /** As typed and not yet evaluated: `specFromFlags` does that, and names those that it does not know. */
  readonly flags: readonly RawFlag[];
  /** Other options that were not understood; they are reported together with what is wrong with the spec. */
  readonly problems: readonly Problem[];
  readonly filename: string | null;
  readonly yes: boolean;
  readonly dryRun: boolean;
  /** How long to wait for the cluster to be ACTIVE; null: not at all. */
  readonly waitMs: number | null;
  readonly output: OutputFormat;
}

export interface ValidateCluster {
  readonly kind: "validate-cluster";
  readonly name: string;
  readonly waitMs: number | null;
  readonly output: OutputFormat;
}

export interface DeleteCluster {
  readonly kind: "delete-cluster";
  readonly name: string;
  readonly yes: boolean;
  /** Keep a snapshot of one member's volume. */
  readonly finalSnapshot: boolean;
  /** How long to wait for the cluster to be gone; null: not at all. */
  readonly waitMs: number | null;
  readonly output: OutputFormat;
}

/** A backup now; it changes nothing of the cluster, so it asks for no `--yes`. */
export interface BackupCluster {
  readonly kind: "backup-cluster";
  readonly name: string;
  readonly waitMs: number | null;
  readonly output: OutputFormat;
}

/** A drill of a backup now; it touches nothing of the cluster. */
export interface DrillCluster {
  readonly kind: "drill-cluster";
  readonly name: string;
  /** Id of the backup; null: the newest. */
  readonly backup: string | null;
  readonly level: "data";
  readonly waitMs: number | null;
  readonly output: OutputFormat;
}

export interface GetBackups {
  readonly kind: "get-backups";
  /** Null: of all clusters. */
  readonly name: string | null;
  readonly output: OutputFormat;
  readonly wide?: true;
}

export interface DescribeBackup {
  readonly kind: "describe-backup";
  readonly name: string;
  readonly id: string;
  readonly output: OutputFormat;
}

export interface PinBackup {
  readonly kind: "pin-backup";
  readonly name: string;
  readonly id: string;
  readonly pinned: boolean;
  readonly output: OutputFormat;
}

export interface RestoreCluster {
  readonly kind: "restore-cluster";
  readonly name: string;
  /** Id of a backup, or `latest`; null: from a survivor. */
  readonly backup: string | null;
  /** The member whose data is restored; null: the best one. */
  readonly survivor: string | null;
  readonly evenThoughHealthy: boolean;
  readonly restartAll: boolean;
  readonly yes: boolean;
  /** How long to wait for the cluster to be ACTIVE; null: not at all. */
  readonly waitMs: number | null;
  readonly output: OutputFormat;
}

export interface MigrateCluster {
  readonly kind: "migrate-cluster";
  readonly name: string;
  /** One for each master. */
  readonly masterZones: readonly string[];
  /** Null: as it is. */
  readonly masterSize: string | null;
  readonly noRoll: boolean;
  readonly yes: boolean;
  /** How long to wait for the cluster to be ACTIVE; null: not at all. */
  readonly waitMs: number | null;
  readonly output: OutputFormat;
}

export interface OpenConsole {
  readonly kind: "console";
  readonly hours: number;
  /** Open a browser, if there is one. */
  readonly open: boolean;
}

export interface ExportKubeconfig {
  readonly kind: "export-kubeconfig";
  /** Null: of the fleet, or of the clusters that the selector finds. */
  readonly name: string | null;
  readonly fleet: string | null;
  readonly selector: string | null;
  /** How long the certificate is valid; null: the API's default. */
  readonly validMs: number | null;
  /** In place of a certificate: this program, which gets one whenever it is needed. */
  readonly exec: boolean;
  /** File to merge it into; null: the user's own. */
  readonly kubeconfig: string | null;
  /** `table` merges it into the file, `json` and `yaml` print it and touch no file. */
  readonly output: OutputFormat;
}

export interface PrintCredential {
  readonly kind: "credential";
  /** Null: the one that KUBERNETES_EXEC_INFO names. */
  readonly cluster: string | null;
  readonly validMs: number | null;
}

/** Objects by which a tool in another cluster, the hub cluster, knows clusters. */
export interface RegisterFleet {
  readonly kind: "register-fleet";
  readonly tool: "argocd" | "clusterprofile";
  /** Null: those that the selector finds. */
  readonly fleet: string | null;
  readonly selector: string | null;
  readonly namespace: string;
  /** Null: as kubectl finds them. */
  readonly context: string | null;
  readonly kubeconfig: string | null;
  readonly auth: "exec" | "certificate" | "token";
  /** How the tool calls this program. */
  readonly program: string;
  readonly yes: boolean;
  readonly output: OutputFormat;
}

/** `help` is the usage of the attempted command; `output` the requested format, as far as it is known. */
export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      readonly help: string;
      readonly output: OutputFormat;
    };

/** What a parse delivers. */
export interface Sink {
  command(command: Command): void;
  /** Text that commander would have written to the terminal. */
  write(text: string): void;
}
