/** A key of the account. Nothing is encrypted on this machine: it is described, and IAM is asked who may use it. */
export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly description: string;
  readonly policy: string;
  readonly rotates: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export interface Alias {
  /** `alias/holdfast` */
  readonly name: string;
  readonly keyId: string;
}

/**
 * Keys of the account, by everything that names them: id, ARN, aliases. Nothing is encrypted on this machine; what is kept of
 * KMS is who may use a key, which IAM is asked for each parameter that names one.
 */
export class Keys {
  readonly #keys = new Map<string, Key>();
  readonly #aliases = new Map<string, Alias>();

  add(key: Partial<Key> & Pick<Key, "id" | "arn">): void {
    this.#keys.set(key.id, { description: "", policy: "{}", rotates: false, createdAt: 0, ...key });
  }

  /** One more name of a key. */
  addAlias(name: string, keyId: string): void {
    this.#aliases.set(name, { name, keyId });
  }

  /** By id, ARN, alias, or ARN of the alias. */
  find(name: string): Key | undefined {
    const plain = name.replace(/^arn:[^:]+:kms:[^:]*:[^:]*:(key\/)?/, "");
    return this.#keys.get(this.#aliases.get(plain)?.keyId ?? plain);
  }

  /** The ARN of a key by any of its names; undefined for a key that the account does not have, and for AWS's own. */
  readonly arnOf = (name: string): string | undefined => this.find(name)?.arn;

  list(): readonly Key[] {
    return [...this.#keys.values()];
  }

  aliases(): readonly Alias[] {
    return [...this.#aliases.values()];
  }
}
