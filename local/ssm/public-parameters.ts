import type { Image } from "@aws-sdk/client-ec2";
import type { Parameter } from "@aws-sdk/client-ssm";
import type { CloudContext } from "../context/context.ts";

/** EC2's DescribeImages for images of a name pattern and an architecture. */
export type ImageLookup = (namePattern: string, architecture: string) => Promise<Image[]>;

/**
 * The public parameters that vendors keep for their newest image (docs/references/aws.md#images), and the names of
 * those images.
 */
const PUBLIC_IMAGES: { parameter: RegExp; images: string }[] = [
  {
    parameter: /^\/aws\/service\/ami-amazon-linux-latest\/al2023-ami-kernel-default-(x86_64|arm64)$/,
    images: "al2023-ami-*",
  },
  {
    parameter:
      /^\/aws\/service\/canonical\/ubuntu\/server\/24\.04\/stable\/current\/(amd64|arm64)\/hvm\/ebs-gp3\/ami-id$/,
    images: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-*",
  },
  { parameter: /^\/aws\/service\/debian\/release\/13\/latest\/(amd64|arm64)$/, images: "debian-13-*" },
];

/** The newest image that a public parameter stands for; undefined if there is no such parameter or no such image. */
export async function resolvePublicParameter(
  store: { context: CloudContext; findImages: ImageLookup },
  name: string,
): Promise<Parameter | undefined> {
  for (const { parameter, images } of PUBLIC_IMAGES) {
    const architecture = parameter.exec(name)?.[1];
    if (!architecture) continue;
    const found = await store.findImages(images, architecture === "amd64" ? "x86_64" : architecture);
    const [newest] = found.toSorted((a, b) => (b.CreationDate ?? "").localeCompare(a.CreationDate ?? ""));
    if (!newest?.ImageId) return undefined;
    return {
      Name: name,
      Type: "String",
      Value: newest.ImageId,
      Version: 1,
      LastModifiedDate: new Date(newest.CreationDate ?? 0),
      ARN: `arn:aws:ssm:${store.context.region}::parameter${name}`,
      DataType: "text",
    };
  }
  return undefined;
}
