/** How many nodes each zone gets, zones without any included. */
export function spreadNodes(count: number, zones: readonly string[]): { zone: string; count: number }[] {
  const share = Math.floor(count / zones.length);
  const remainder = count % zones.length;
  return zones.map((zone, index) => ({ zone, count: share + (index < remainder ? 1 : 0) }));
}
