/**
 * `@peculiar/x509` takes its algorithm providers from the container `tsyringe`, which refuses to load without the
 * `reflect-metadata` API, although none of its classes carries decorator metadata. So "no metadata" is the whole truth.
 */
if (!("getMetadata" in Reflect)) {
  const nothing = () => undefined;
  Object.assign(Reflect, { getMetadata: nothing, getOwnMetadata: nothing, defineMetadata: nothing });
}
