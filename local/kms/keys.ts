/**
 * Keys of the account, by everything that names them: id, ARN, aliases. Nothing is encrypted on this machine; what is kept of
 * KMS is who may use a key, which IAM is asked for each parameter that names one.
 */
export class Keys {
  readonly #arns = new Map<string, string>();

  /** A key, or one more name of it. */
  add(arn: string, name: string): void {
    this.#arns.set(arn, arn).set(name, arn);
  }

  /** The ARN of a key by any of its names; undefined for a key that the account does not have, and for AWS's own. */
  readonly arnOf = (name: string): string | undefined => this.#arns.get(name);
}
