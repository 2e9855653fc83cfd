import { randomBytes } from "node:crypto";

/** Who signs a request: the operator, or a role (of a function, a state machine, an instance). */
export interface Principal {
  readonly arn: string;
  /** Absent for the operator, who may do everything. */
  readonly roleArn?: string;
  /** JSON text: a session may do what its role may and this allows (IAM user guide, "Session policies"). */
  readonly sessionPolicy?: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly principal: Principal;
}

/** Every key that the local cloud accepts. The operator's is fixed (design §6); role keys are made at random. */
export class CredentialStore {
  readonly #byKey = new Map<string, Credentials>();

  constructor(accountId: string) {
    this.#add({
      accessKeyId: "holdfast",
      secretAccessKey: "holdfast",
      principal: { arn: `arn:aws:iam::${accountId}:user/holdfast` },
    });
  }

  find(accessKeyId: string): Credentials | undefined {
    return this.#byKey.get(accessKeyId);
  }

  /** Everybody's keys, so that a test may look where they stand. */
  issued(): readonly Credentials[] {
    return [...this.#byKey.values()];
  }

  /** New keys for a role session. `session` ends the assumed-role ARN (function name, instance id…). */
  assumeRole(
    roleArn: string,
    session: string,
    sessionPolicy?: string,
  ): Credentials & { readonly sessionToken: string } {
    const [, , , , account, resource = ""] = roleArn.split(":");
    const roleName = resource.split("/").at(-1) ?? resource;
    const credentials = {
      accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString("base64url"),
      sessionToken: randomBytes(48).toString("base64url"),
      principal: {
        arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${session}`,
        roleArn,
        ...(sessionPolicy !== undefined && { sessionPolicy }),
      },
    };
    this.#add(credentials);
    return credentials;
  }

  #add(credentials: Credentials): void {
    this.#byKey.set(credentials.accessKeyId, credentials);
  }
}
