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
  /** Good in the Authorization header only, which no web page can send without asking first. */
  readonly headerOnly?: boolean;
}

/** Every key that the local cloud accepts. Role keys, and one of the operator's two, are made at random. */
export class CredentialStore {
  readonly #byKey = new Map<string, Credentials>();
  readonly #accountId: string;

  /** The operator's key that only this run knows. */
  readonly operator: Credentials;

  constructor(accountId: string) {
    this.#accountId = accountId;
    const principal = { arn: `arn:aws:iam::${accountId}:user/holdfast` };
    this.operator = { ...randomKey("AKIA"), principal };
    this.#add(this.operator);
    // Known to everybody so that unmodified clients need no set-up.
    this.#add({ accessKeyId: "holdfast", secretAccessKey: "holdfast", principal, headerOnly: true });
  }

  find(accessKeyId: string): Credentials | undefined {
    return this.#byKey.get(accessKeyId);
  }

  /** New keys of another user of the account, who may do as much as the operator. The path begins and ends with `/`. */
  addUser(path: string, name: string): Credentials {
    const credentials = {
      ...randomKey("AKIA"),
      principal: { arn: `arn:aws:iam::${this.#accountId}:user${path}${name}` },
    };
    this.#add(credentials);
    return credentials;
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
      ...randomKey("ASIA"),
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

  /** Temporary keys of a user, with the user's own permissions. */
  addSession(principal: Principal): Credentials & { readonly sessionToken: string } {
    const sessionToken = randomBytes(48).toString("base64url");
    const credentials = { ...randomKey("ASIA"), sessionToken, principal };
    this.#add(credentials);
    return credentials;
  }

  #add(credentials: Credentials): void {
    this.#byKey.set(credentials.accessKeyId, credentials);
  }
}

function randomKey(kind: "AKIA" | "ASIA") {
  return {
    accessKeyId: `${kind}${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
  };
}
