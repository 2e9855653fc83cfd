import type { ClusterRecord } from "./records.ts";

/** How long a token lets nodes in: kubeadm's default (infra/documents/issue-join-token.sh asks for it). */
const TOKEN_HOURS = 24;
/** Made anew when half of that is over, so that there is as much time again for tries that fail. */
const RENEW_HOURS = TOKEN_HOURS / 2;

/** Nodes may come at any time: to a cluster whose zone or master is lost, too. */
const GROWING = new Set(["ACTIVE", "DEGRADED", "REPAIRING", "UPDATING"]);

/** Is the token by which nodes join so old that another should be made? One of unknown age is. */
export const isTokenDue = ({ status, joinTokenAt }: ClusterRecord, now: Date): boolean =>
  GROWING.has(status) &&
  (joinTokenAt === undefined || now.getTime() - Date.parse(joinTokenAt) >= RENEW_HOURS * 3_600_000);
