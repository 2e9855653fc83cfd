import { Aws, CfnParameter } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

export interface ApiAccessProps {
  /** Functions that answer callers of the API. */
  readonly functions: Iterable<LambdaFunction>;
  /** Functions that call the API for people in chats, and have held each call against those people's roles before. */
  readonly chats: readonly LambdaFunction[];
}

/**
 * Who may do what by the API, and how often, as parameters of the stack. They are in the functions' environment, so that no
 * request waits for them to be read.
 */
export class ApiAccess extends Construct {
  constructor(scope: Construct, id: string, { functions, chats }: ApiAccessProps) {
    super(scope, id);
    const access = new CfnParameter(this, "ApiAccess", {
      default: "",
      description: "JSON of who may do what to which clusters (docs/api.md); empty: whoever IAM lets call may do all",
    });
    const rate = new CfnParameter(this, "RequestsPerMinute", {
      type: "Number",
      default: 600,
      minValue: 1,
      description: "Requests that change or ask much of the account, which one caller may make in a minute",
    });
    access.overrideLogicalId("ApiAccess");
    rate.overrideLogicalId("RequestsPerMinute");
    const chatCallers = chats.map(({ role }) => sessionsOf(role?.roleName ?? "")).join(",");
    for (const answering of functions) {
      answering.addEnvironment("API_ACCESS", access.valueAsString);
      answering.addEnvironment("REQUESTS_PER_MINUTE", rate.valueAsString);
      answering.addEnvironment("CHAT_CALLERS", chatCallers);
    }
    // What the API asks two persons for, a chat does, too.
    for (const chat of chats) chat.addEnvironment("API_ACCESS", access.valueAsString);
  }
}

/** The callers that API Gateway names for a role: exact but for the session. */
function sessionsOf(role: string): string {
  return `arn:${Aws.PARTITION}:sts::${Aws.ACCOUNT_ID}:assumed-role/${role}/*`;
}
