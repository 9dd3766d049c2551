import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startObjectStorage, type TestObjectStorage } from "../../../tests/support/object-storage.ts";
import { type AssetStore, AssetStoreError, openAssetStore, readAssetStore } from "./asset-store.ts";

const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "CANARY" };

describe("ASSET_STORE", () => {
  test("that is not set leaves files in PostgreSQL, whatever else is set", () => {
    expect(readAssetStore(keys)).toBeNull();
  });

  test.each([
    ["s3://assets", "assets", ""],
    ["s3://my.assets/", "my.assets", ""],
    ["s3://assets/a/b", "assets", "a/b/"],
    ["s3://assets/a/b/", "assets", "a/b/"],
  ])("%s names a bucket and a prefix", (ASSET_STORE, bucket, prefix) => {
    expect(readAssetStore({ ...keys, ASSET_STORE })).toMatchObject({
      bucket,
      prefix,
      pathStyle: false,
      endpoint: null,
    });
  });

  test.each([
    [{ ASSET_STORE: "assets" }, /ASSET_STORE is "assets": it must look like s3:/],
    [{ ASSET_STORE: "https://assets.s3.amazonaws.com" }, /must look like s3:/],
    [{ ASSET_STORE: "s3://assets/a?b" }, /must look like s3:/],
    [{ ASSET_STORE: "s3://assets", ASSET_STORE_ENDPOINT: "minio:9000" }, /ASSET_STORE_ENDPOINT is "minio:9000"/],
    [{ ASSET_STORE: "s3://assets", ASSET_STORE_PATH_STYLE: "yes" }, /must be 1 or not set/],
    [{ ASSET_STORE: "s3://assets", AWS_ACCESS_KEY_ID: "" }, /AWS_ACCESS_KEY_ID is not set/],
    [{ ASSET_STORE: "s3://assets", AWS_SECRET_ACCESS_KEY: "" }, /AWS_SECRET_ACCESS_KEY is not set/],
  ])("is refused when it is wrong, with a sentence that has no secret: %j", (env, says) => {
    expect(() => readAssetStore({ ...keys, ...env })).toThrow(says);
    expect(() => readAssetStore({ ...keys, ...env })).not.toThrow("CANARY");
  });
});

describe("an object storage", () => {
  let storage: TestObjectStorage;
  let store: AssetStore;

  beforeAll(async () => {
    storage = await startObjectStorage();
    store = await openAssetStore(storage.setting);
  });
  afterAll(async () => {
    store.close();
    await storage.stop();
  });

  test("gives back what it was given, and nothing once that was removed, twice", async () => {
    const bytes = Buffer.from([0, 255, 1, 254]);
    const location = await store.put("business/asset", bytes, "image/png");
    expect(location).toBe("s3://assets/stablehand/business/asset");
    expect(await storage.keys()).toEqual(["stablehand/business/asset"]);
    expect([...(await store.read(location, 0, 100))]).toEqual([0, 255, 1, 254]);
    expect([...(await store.read(location, 1, 2))]).toEqual([255, 1]);
    await store.remove(location);
    await store.remove(location);
    expect(await storage.keys()).toEqual([]);
    await expect(store.read(location, 0, 1)).rejects.toThrow(AssetStoreError);
  });

  test("that refuses the key, has no such bucket or is away is an error that names no secret", async () => {
    const wrong = [
      { ...storage.setting, accessKeyId: "nobody", secretAccessKey: "CANARY" },
      { ...storage.setting, bucket: "no-such-bucket" },
      { ...storage.setting, endpoint: "http://127.0.0.1:1" },
    ];
    for (const setting of wrong) {
      const other = await openAssetStore(setting);
      const error = await other.put("a", Buffer.from("a"), "image/png").catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AssetStoreError);
      expect(String((error as AssetStoreError).cause)).not.toContain("CANARY");
      other.close();
    }
  });
});
