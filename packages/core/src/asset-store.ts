import { ConfigError, type Env, flag, required } from "./env.ts";

/** Where assets go that are not to lie in PostgreSQL: a bucket of an S3-compatible object storage. */
export interface AssetStoreSetting {
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  readonly region: string;
  /** Null is Amazon's own. */
  readonly endpoint: string | null;
  /** `https://endpoint/bucket/key` instead of `https://bucket.endpoint/key`. */
  readonly pathStyle: boolean;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Keeps bytes under locations, `s3://bucket/key`. Errors: AssetStoreError when it is away or refuses. */
export interface AssetStore {
  /** Gives the location. */
  put(name: string, bytes: Uint8Array, contentType: string): Promise<string>;
  /** A part of what lies there, from byte `start`; shorter than `length` only at the end. */
  read(location: string, start: number, length: number): Promise<Uint8Array>;
  /** Safe twice. */
  remove(location: string): Promise<void>;
  close(): void;
}

/** The object storage did not do what was asked; the `cause` says why. */
export class AssetStoreError extends Error {
  override readonly name = "AssetStoreError";
}

const shape = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]*))?$/;

/** Reads `ASSET_STORE` and what belongs to it; null when assets lie in PostgreSQL. Throws ConfigError. */
export function readAssetStore(env: Env): AssetStoreSetting | null {
  const text = env["ASSET_STORE"];
  if (!text) return null;
  const [, bucket, path = ""] = shape.exec(text) ?? [];
  if (!bucket) throw new ConfigError(`ASSET_STORE is "${text}": it must look like s3://bucket or s3://bucket/prefix`);
  const endpoint = env["ASSET_STORE_ENDPOINT"] || null;
  if (endpoint && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : ""))
    throw new ConfigError(`ASSET_STORE_ENDPOINT is "${endpoint}": it must be a URL, such as http://127.0.0.1:9000`);
  return {
    bucket,
    prefix: path === "" || path.endsWith("/") ? path : `${path}/`,
    region: env["AWS_REGION"] || "us-east-1",
    endpoint,
    pathStyle: flag(env, "ASSET_STORE_PATH_STYLE"),
    accessKeyId: required(env, "AWS_ACCESS_KEY_ID", "ASSET_STORE needs it"),
    secretAccessKey: required(env, "AWS_SECRET_ACCESS_KEY", "ASSET_STORE needs it"),
  };
}

const deadlineMs = 10_000;
const attemptsMax = 2;

/** Opens a bucket; connects when first used. Every request has a deadline of 10 s. */
export async function openAssetStore(setting: AssetStoreSetting): Promise<AssetStore> {
  const { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client({
    region: setting.region,
    ...(setting.endpoint && { endpoint: setting.endpoint }),
    forcePathStyle: setting.pathStyle,
    credentials: { accessKeyId: setting.accessKeyId, secretAccessKey: setting.secretAccessKey },
    maxAttempts: attemptsMax,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: deadlineMs },
    // Not every S3-compatible storage knows the newer checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });

  async function doing<Result>(what: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    try {
      return await work(AbortSignal.timeout(deadlineMs));
    } catch (error) {
      throw new AssetStoreError(`the object storage did not ${what}`, { cause: error });
    }
  }

  return {
    put: (name, bytes, contentType) =>
      doing("take an asset", async (abortSignal) => {
        const Key = `${setting.prefix}${name}`;
        const command = new PutObjectCommand({ Bucket: setting.bucket, Key, Body: bytes, ContentType: contentType });
        await client.send(command, { abortSignal });
        return `s3://${setting.bucket}/${Key}`;
      }),
    read: (location, start, length) =>
      doing("give an asset", async (abortSignal) => {
        const Range = `bytes=${start}-${start + length - 1}`;
        const { Body } = await client.send(new GetObjectCommand({ ...placeOf(location), Range }), { abortSignal });
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      }),
    remove: (location) =>
      doing("remove an asset", async (abortSignal) => {
        await client.send(new DeleteObjectCommand(placeOf(location)), { abortSignal });
      }),
    close: () => client.destroy(),
  };
}

function placeOf(location: string): { Bucket: string; Key: string } {
  const { hostname, pathname } = new URL(location);
  return { Bucket: hostname, Key: decodeURIComponent(pathname.slice(1)) };
}
