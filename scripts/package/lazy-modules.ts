import { dirname, isAbsolute, resolve } from "node:path";
import { build, type OnResolveArgs, type Plugin } from "esbuild";

/** Of an import by the stand-in itself. */
const REAL = "real";

/**
 * Lets modules of the bundle wait until one of their exports is used. Such a module is an absolute path, a package, or a
 * module of Node, and must have no effect when it is loaded. A package is bundled by itself first: as one function, whose
 * content costs nothing as long as it is not called. `onBundled` is called with the files of such a package.
 */
export function lazyModules(modules: readonly string[], onBundled: (files: readonly string[]) => void): Plugin {
  return {
    name: "lazy-modules",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, (asked) => {
        const path = pathOf(asked);
        if (asked.kind === "entry-point" || !modules.includes(path)) return undefined;
        if (asked.namespace !== "lazy") return { path, namespace: "lazy" };
        return isPackage(path) ? { path, namespace: REAL } : undefined;
      });
      onLoad({ filter: /./, namespace: "lazy" }, async ({ path }) => ({
        contents: await standInOf(path),
        resolveDir: import.meta.dirname,
      }));
      onLoad({ filter: /./, namespace: REAL }, async ({ path }) => {
        const { outputFiles, metafile } = await bundleOf(path);
        onBundled(Object.keys(metafile.inputs));
        return { contents: outputFiles.map(({ text }) => text).join("") };
      });
    },
  };
}

function pathOf({ path, importer }: OnResolveArgs): string {
  return path.startsWith(".") ? resolve(dirname(importer), path) : path;
}

function isPackage(path: string): boolean {
  return !isAbsolute(path) && !path.startsWith("node:");
}

/** A module of getters. One that is a class itself, as CommonJS allows, is made when it is called with `new`. */
async function standInOf(path: string): Promise<string> {
  const real = `require(${JSON.stringify(path)})`;
  const module: Record<string, unknown> = await import(path);
  if (typeof module["default"] === "function")
    return `module.exports = function (...args) { return new (${real})(...args); };`;
  const names = Object.keys(module).filter((name) => /^\w+$/.test(name) && name !== "default");
  return `module.exports = { ${names.map((name) => `get ${name}() { return ${real}.${name}; }`).join(", ")} };`;
}

function bundleOf(name: string) {
  return build({
    stdin: { contents: `module.exports = require(${JSON.stringify(name)});`, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    mainFields: ["module", "main"],
  });
}
