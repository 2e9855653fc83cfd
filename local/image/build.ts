import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { shakeAwsSchemas } from "../../scripts/shake.ts";
import { provideKubectl } from "./real-tools.ts";

/** The programs of the image that start often, so that each is one file: hosts share two cores. */
const PROGRAMS = {
  init: "base/init.ts",
  "kube-apiserver": "kubernetes/apiserver/main.ts",
  helm: "kubernetes/helm/main.ts",
  kubeadm: "kubernetes/kubeadm/main.ts",
  kubelet: "kubernetes/kubelet/main.ts",
  aws: "aws/main.ts",
  "aws-s3": "aws/s3/main.ts",
} as const;

/**
 * Bundles the stand-ins into `<directory>/<program>.cjs`, and puts the real kubectl beside them. The hosts see the directory at /opt/image-dist, where the
 * launchers in each `bin/` look; `HOLDFAST_IMAGE_DIST` leads them elsewhere. Readable code, because people debug in it.
 */
export async function buildImage(
  directory = fileURLToPath(new URL("../../dist/image", import.meta.url)),
): Promise<void> {
  await build({
    entryPoints: Object.entries(PROGRAMS).map(([out, source]) => ({
      in: fileURLToPath(new URL(source, import.meta.url)),
      out,
    })),
    outdir: directory,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    // The SDK's ES modules can be shaken, its CommonJS ones cannot.
    mainFields: ["module", "main"],
    plugins: [shakeAwsSchemas],
    legalComments: "none",
    logLevel: "warning",
  });
  await provideKubectl(directory);
}

if (import.meta.main) await buildImage(process.argv[2]);
