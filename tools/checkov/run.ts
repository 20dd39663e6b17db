import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { pythonEnvironment } from '../python-environment';

const MOST_OUTPUT = 256 * 1024 * 1024;

const checkSchema = z.object({
  check_id: z.string(),
  check_name: z.string(),
  /** From the folder: `/dev/Signal9-dev-us-east-1-Data.template.json`. */
  file_path: z.string(),
  /** `AWS::S3::Bucket.BucketsAccessLogsBucket428365C1` */
  resource: z.string(),
});

const outputSchema = z.object({
  results: z.object({
    passed_checks: z.array(checkSchema),
    failed_checks: z.array(checkSchema),
    skipped_checks: z.array(checkSchema).default([]),
  }),
  summary: z.object({ parsing_errors: z.number(), checkov_version: z.string() }),
});
export type CheckovOutput = z.infer<typeof outputSchema>;

/** @throws Error where the output is no report, of templates that Checkov could not read, or of checks that it was told to skip */
export function parseOutput(text: string): CheckovOutput {
  const output = outputSchema.parse(JSON.parse(text));
  const { parsing_errors } = output.summary;
  if (parsing_errors > 0) throw new Error(`Checkov could not read ${parsing_errors} of the templates`);
  const [skipped] = output.results.skipped_checks;
  // By metadata in a template, which no registry knows.
  if (skipped) throw new Error(`${skipped.check_id} is skipped on ${skipped.resource}: acknowledge it instead`);
  return output;
}

/**
 * What the pinned Checkov says of every template below a folder. It asks nobody: no newer version of itself, no
 * descriptions of its checks, no modules.
 *
 * @throws Error where Checkov did not finish
 */
export async function checkov(folder: string): Promise<CheckovOutput> {
  const program = join(pythonEnvironment('requirements-checkov.txt'), 'checkov');
  const options = ['--framework', 'cloudformation', '--skip-download', '--compact', '--soft-fail', '--output', 'json'];
  const { stdout } = await promisify(execFile)(program, ['--directory', folder, ...options], {
    // Where there is no configuration file of Checkov's.
    cwd: folder,
    env: { ...process.env, CKV_SKIP_PACKAGE_UPDATE_CHECK: 'true', LOG_LEVEL: 'WARNING' },
    maxBuffer: MOST_OUTPUT,
  });
  return parseOutput(stdout);
}
