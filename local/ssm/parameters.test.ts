import { expect, test } from "vitest";
import { createStage } from "../testing/ssm.ts";

const secret = { Name: "/holdfast/demo/pki", Value: "-----BEGIN PRIVATE KEY-----", Type: "SecureString" } as const;

test("a secret is returned only with decryption", async () => {
  const { aws } = createStage();
  await aws("PutParameter", secret);

  const sealed = await aws("GetParameter", { Name: secret.Name });
  const opened = await aws("GetParameter", { Name: secret.Name, WithDecryption: true });

  expect(sealed.Parameter?.Value).not.toContain("PRIVATE KEY");
  expect(opened.Parameter?.Value).toBe("-----BEGIN PRIVATE KEY-----");
});

test("a secret appears neither in lists, events nor the log", async () => {
  const { aws, context, ssm } = createStage();
  await aws("PutParameter", secret);

  const reported = JSON.stringify([
    await aws("DescribeParameters", {}),
    await aws("GetParametersByPath", { Path: "/holdfast", Recursive: true }),
    context.events,
    context.lines,
    ssm.snapshot().parameters,
  ]);

  expect(reported).toContain(secret.Name);
  expect(reported).not.toContain("PRIVATE KEY");
});

test("an existing parameter changes only with Overwrite, and keeps its type and tags", async () => {
  const { aws } = createStage();
  await aws("PutParameter", { Name: "/a", Value: "1", Type: "String", Tags: [{ Key: "cluster", Value: "demo" }] });

  await expect(aws("PutParameter", { Name: "/a", Value: "2", Type: "String" })).rejects.toMatchObject({
    code: "ParameterAlreadyExists",
  });
  const { Version } = await aws("PutParameter", { Name: "/a", Value: "2", Overwrite: true });

  expect(Version).toBe(2);
  expect((await aws("GetParameter", { Name: "/a" })).Parameter).toMatchObject({
    Value: "2",
    Type: "String",
    Version: 2,
  });
  expect((await aws("ListTagsForResource", { ResourceType: "Parameter", ResourceId: "/a" })).TagList).toEqual([
    { Key: "cluster", Value: "demo" },
  ]);
});

test.each([
  [4_096, "Standard", undefined],
  [4_097, "Standard", "ValidationException"],
  [8_192, "Advanced", undefined],
  [8_193, "Advanced", "ValidationException"],
] as const)("%i characters in the %s tier: %s", async (size, Tier, code) => {
  const { aws } = createStage();
  const put = aws("PutParameter", { Name: "/big", Value: "x".repeat(size), Type: "String", Tier });

  await (code ? expect(put).rejects.toMatchObject({ code }) : expect(put).resolves.toMatchObject({ Tier }));
});

test("a path lists one level, or all below with Recursive, in pages", async () => {
  const { aws } = createStage();
  for (const Name of ["/c/a/1", "/c/a/2", "/c/b", "/cc"])
    await aws("PutParameter", { Name, Value: "v", Type: "String" });
  const names = (answer: { Parameters?: { Name?: string | undefined }[] | undefined }) =>
    answer.Parameters?.map(({ Name }) => Name);

  expect(names(await aws("GetParametersByPath", { Path: "/c" }))).toEqual(["/c/b"]);
  const first = await aws("GetParametersByPath", { Path: "/c/", Recursive: true, MaxResults: 2 });
  expect(names(first)).toEqual(["/c/a/1", "/c/a/2"]);
  expect(
    names(
      await aws("GetParametersByPath", { Path: "/c/", Recursive: true, MaxResults: 2, NextToken: first.NextToken }),
    ),
  ).toEqual(["/c/b"]);
});

test("missing parameters are errors one by one and a list together", async () => {
  const { aws } = createStage();
  await aws("PutParameter", { Name: "/a", Value: "1", Type: "String" });

  await expect(aws("GetParameter", { Name: "/none" })).rejects.toMatchObject({ code: "ParameterNotFound" });
  expect(await aws("DeleteParameters", { Names: ["/a", "/none"] })).toEqual({
    DeletedParameters: ["/a"],
    InvalidParameters: ["/none"],
  });
});

test("a public parameter is the newest image that EC2 offers", async () => {
  const { aws, ec2 } = createStage();
  ec2.images = [
    { ImageId: "ami-old", CreationDate: "2026-01-01T00:00:00.000Z" },
    { ImageId: "ami-new", CreationDate: "2026-10-01T00:00:00.000Z" },
  ];

  const { Parameter } = await aws("GetParameter", {
    Name: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
  });

  expect(Parameter?.Value).toBe("ami-new");
});

test("a key that the account does not have encrypts nothing", async () => {
  const { aws } = createStage();

  const put = aws("PutParameter", { ...secret, KeyId: "alias/nobody" });

  await expect(put).rejects.toMatchObject({ code: "InvalidKeyId" });
  await expect(aws("GetParameter", { Name: secret.Name })).rejects.toMatchObject({ code: "ParameterNotFound" });
});
