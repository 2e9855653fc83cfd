import { expect, test, vi } from "vitest";
import { apiTarget } from "./api-target.ts";

test("a profile that is named is used without the SDK's warning that there are keys as well", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAOTHER");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "other");
  vi.stubEnv("AWS_CONFIG_FILE", "/nowhere");
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  try {
    const target = apiTarget({ HOLDFAST_API: "https://api.example.com", AWS_PROFILE: "operators" });

    await expect(target.credentials()).rejects.toThrow("The AWS profile operators has no usable credentials");
    expect(warn).not.toHaveBeenCalled();
  } finally {
    warn.mockRestore();
    vi.unstubAllEnvs();
  }
});
