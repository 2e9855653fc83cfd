/** The bucket in a host's name: `BUCKET.s3.REGION.amazonaws.com`, or `BUCKET.localhost` where the local cloud is addressed so. */
export function bucketOfHost(host: string): string | undefined {
  const name = host.toLowerCase().replace(/:\d+$/, "");
  return /^(.+)\.(?:s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com|localhost)$/.exec(name)?.[1];
}
