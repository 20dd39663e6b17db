import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** Where files go: a bucket in AWS, a folder on one machine. */
export interface ObjectStore {
  /** Writes the whole object, in place of the one that was there. */
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
}

/** A bucket; it encrypts by its own default. What browsers load from it says with `cacheControl` for how long it holds. */
export function s3ObjectStore(bucket: string, cacheControl?: string): ObjectStore {
  const client = new S3Client({ maxAttempts: 5 });
  return {
    async put(Key, Body, ContentType) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType, CacheControl: cacheControl }));
    },
  };
}
