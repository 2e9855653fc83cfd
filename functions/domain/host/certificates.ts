/**
 * Certificates are renewed by replacing the master, one at a time, when this little of their year is left. kubeadm
 * renews at upgrades; a cluster without upgrades needs a date.
 */
const RENEW_DAYS = 60;
/** The only master is replaced as late as possible: the API is down for a minute. */
const LAST_CALL_DAYS = 14;
/** A replaced master gets new certificates if its own are older than about two months. */
const FRESH_DAYS = 300;

const DAY_SECONDS = 86_400;

/** Why this master should be replaced for its certificates' sake; undefined while they last. Times in epoch seconds. */
export function whyRenew(
  until: number | undefined,
  { nowSeconds, masters }: { readonly nowSeconds: number; readonly masters: number },
): string | undefined {
  const days = masters > 1 ? RENEW_DAYS : LAST_CALL_DAYS;
  if (until === undefined || until - nowSeconds > days * DAY_SECONDS) return undefined;
  return `its certificates are good until ${new Date(until * 1000).toISOString().slice(0, 10)}`;
}

/** Are these good for so long that the next instance may have them as well? */
export function areFresh(until: Date, now: Date): boolean {
  return until.getTime() - now.getTime() > FRESH_DAYS * DAY_SECONDS * 1000;
}

/** How long a certificate of an administrator may be good for. */
export const ADMIN_MINUTES = { min: 10, max: 7 * 24 * 60 } as const;
