import { REQUESTS } from "../domain/api/requests.ts";
import { BadRequest } from "../domain/cluster/errors.ts";
import { certifyNode, certifyNodeCalls } from "../pki/certify-node.ts";
import { UnusableRequest } from "../pki/pki.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { logger } from "../runtime/logger.ts";
import { system } from "../runtime/system.ts";

const deps = { ...system, aws: { ...certifyNodeCalls } };

const env = readEnv({ PARTITION: NonEmpty, ACCOUNT_ID: NonEmpty });
const place = { partition: env.PARTITION, accountId: env.ACCOUNT_ID };

/** `POST /clusters/{name}/nodes/{instanceId}/certificate`: an instance asks to join as the node that it is. */
export const handler = apiHandler(REQUESTS.issueNodeCertificate, async ({ path, body, caller }) => {
  const { name: cluster, instanceId } = path;
  const { certificateRequest } = body;
  // Names of callers with a token begin otherwise, so none of them is an instance.
  const [principal = ""] = caller.principals;
  const asked = { cluster, instanceId, certificateRequest, caller: principal.replace(/^iam:/, "") };
  const answer = await certifyNode(deps, place, asked).catch((error: unknown) => {
    if (error instanceof UnusableRequest) throw new BadRequest(`certificateRequest: ${error.message}`);
    throw error;
  });
  logger.info("node certificate issued", { cluster, instanceId, sourceIp: caller.sourceIp, until: answer.expiresAt });
  return { status: 200, body: answer };
});
