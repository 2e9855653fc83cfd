import * as z from "zod";

/** What a master's host says during a restore (functions/hosts/documents/restore-status.sh). */
const HostReportSchema = z.object({
  member: z.string(),
  /** Neither etcd nor Kubernetes may start there. */
  held: z.boolean(),
  /** An etcd runs, or may start. */
  etcd: z.boolean(),
  /** Something listens on the API server's port, or may start to. */
  apiServer: z.boolean(),
  /** The API server is ready. */
  ready: z.boolean(),
  mounted: z.boolean(),
  /** Of the volume's identity, as is the generation. */
  volumeId: z.string().nullable(),
  generation: z.number().nullable(),
  /** `former`: what was there before; `kept`: moved to a folder of its own; `restored`: of this restore. */
  data: z.enum(["none", "former", "kept", "restored"]),
  /** etcd commits a read. */
  healthy: z.boolean(),
  clusterId: z.string().nullable(),
  freeKiB: z.number().nullable(),
});
export type HostReport = z.output<typeof HostReportSchema>;

/** The last line that the document printed; undefined if that is no report of this member. */
export function readHostReport(member: string, output: string): HostReport | undefined {
  const line = output.trim().split("\n").at(-1) ?? "";
  try {
    const report = HostReportSchema.safeParse(JSON.parse(line)).data;
    return report?.member === member ? report : undefined;
  } catch {
    return undefined;
  }
}
