/** Stands for the generated client where it is not built yet; `npm run types` builds it before it checks its use. */
declare module "*/dist/holdfast-api.ts";
