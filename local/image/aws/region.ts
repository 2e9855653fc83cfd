import { UsageError } from "./errors.ts";

const TIMEOUT_MS = 2000;
const METADATA_SERVICE = "http://169.254.169.254";

/** The Region: from the environment, else from the instance metadata service (IMDSv2), which the CLI asks as well. */
export async function findRegion(environment: NodeJS.ProcessEnv): Promise<string> {
  const configured = environment["AWS_REGION"] || environment["AWS_DEFAULT_REGION"];
  if (configured) return configured;
  const service = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || METADATA_SERVICE;
  try {
    const token = await request(`${service}/latest/api/token`, "PUT", { "x-aws-ec2-metadata-token-ttl-seconds": "60" });
    return await request(`${service}/latest/meta-data/placement/region`, "GET", { "x-aws-ec2-metadata-token": token });
  } catch {
    throw new UsageError('You must specify a region. You can also configure your region by running "aws configure".');
  }
}

async function request(url: string, method: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response.text();
}
