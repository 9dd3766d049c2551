import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import type { AssetStoreSetting } from "../../packages/core/src/asset-store.ts";

/** An S3-compatible storage on loopback with one bucket. */
export interface TestObjectStorage {
  readonly setting: AssetStoreSetting;
  /** The objects there are, by their keys. */
  keys(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Starts an emulator in a directory of its own. */
export async function startObjectStorage(): Promise<TestObjectStorage> {
  const directory = await mkdtemp(join(tmpdir(), "stablehand-s3-"));
  const bucket = "assets";
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: bucket }],
  });
  const { port } = await server.run();
  const suffix = "._S3rver_object";
  return {
    setting: {
      bucket,
      prefix: "stablehand/",
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      pathStyle: true,
      accessKeyId: "S3RVER",
      secretAccessKey: "S3RVER",
    },
    async keys() {
      const names = await readdir(join(directory, bucket), { recursive: true });
      return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
    },
    async stop() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
