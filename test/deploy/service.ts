import { rejects } from 'node:assert/strict';
import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ElasticLoadBalancingV2Client, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { serviceEnvironment } from '../../contract/service';
import { pythonEnvironment } from '../../tools/python-environment';
import { accepting, accepts } from '../accepting';
import { type Deployment, resourcesOf } from './deployment';
import { ENDPOINT, REGION } from './emulator';

/**
 * The portfolio service, as an instance of the deployed launch template would start it: the program that its user data
 * names, from the bucket it was deployed to, with the environment that stands there.
 */
export interface Service {
  /** The object that holds the program. */
  readonly asset: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

export interface ServiceProps {
  readonly folder: string;
  readonly trust: Readonly<Record<string, string>>;
}

/** @throws Error where the template, its program or the service's start is not as it should be */
export async function startService({ folder, trust }: ServiceProps): Promise<Service> {
  const { asset, environment } = userDataOf(await deployedUserData());
  const home = mkdtempSync(path.join(folder, 'service-'));
  await unpack(asset, home);
  const { PORT: port } = serviceEnvironment.parse(environment);
  if (await accepts(port)) throw new Error(`port ${port} is taken, at which the portfolio service listens`);
  const child = spawn(process.execPath, [path.join(home, 'index.mjs')], {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      AWS_DEFAULT_REGION: REGION,
      AWS_ENDPOINT_URL: ENDPOINT,
      // As an instance: its role's credentials, from the metadata service.
      AWS_EC2_METADATA_SERVICE_ENDPOINT: ENDPOINT,
      ...environment,
      ...trust,
      NODE_OPTIONS: `${trust.NODE_OPTIONS ?? ''} --require ${path.join(__dirname, 'gateway.cjs')}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(path.join(folder, 'service.log'), { flags: 'a' });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    // It answers on for a while when it is told to stop (service/main.ts), which nobody here waits for.
    if (child.exitCode === null && child.kill('SIGKILL')) await ended;
  };
  try {
    await accepting(port, ended);
    await registerTarget(port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { asset, port, stop };
}

/** By a name that the compiler does not follow: the types of this client are as many as all of ours. */
const EC2 = ['@aws-sdk', 'client-ec2'].join('/');
const ec2Module = z.object({
  EC2: z.custom<new (options: object) => { describeLaunchTemplateVersions(of: object): Promise<unknown> }>(),
});
const versions = z.object({
  LaunchTemplateVersions: z.tuple([z.object({ LaunchTemplateData: z.object({ UserData: z.string() }) })]),
});

async function deployedUserData(): Promise<string> {
  const [template] = await resourcesOf('Compute', 'AWS::EC2::LaunchTemplate');
  const { EC2: Ec2 } = ec2Module.parse(await import(EC2));
  const of = { LaunchTemplateId: template?.physicalId, Versions: ['$Latest'] };
  const [latest] = versions.parse(await new Ec2({}).describeLaunchTemplateVersions(of)).LaunchTemplateVersions;
  return Buffer.from(latest.LaunchTemplateData.UserData, 'base64').toString();
}

/** The variables at the top of the user data (lib/constructs/service-user-data.ts). */
function userDataOf(script: string): { readonly asset: string; readonly environment: Record<string, string> } {
  const variables = Object.fromEntries(
    [...script.matchAll(/^([A-Z_]+)='([^']*)'$/gm)].map(([, name, value]) => [name, value]),
  );
  const { ASSET, ENVIRONMENT } = z.object({ ASSET: z.string(), ENVIRONMENT: z.string() }).parse(variables);
  const pairs = ENVIRONMENT.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2));
  return { asset: ASSET, environment: Object.fromEntries(pairs) as Record<string, string> };
}

async function unpack(asset: string, home: string): Promise<void> {
  const [Bucket, ...key] = asset.split('/');
  const s3 = new S3Client({ forcePathStyle: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key.join('/') }));
  const zip = path.join(home, 'program.zip');
  writeFileSync(zip, await z.instanceof(Uint8Array).parseAsync(await Body?.transformToByteArray()));
  execFileSync(path.join(pythonEnvironment(), 'python'), ['-m', 'zipfile', '-e', zip, home]);
}

/** In the place of Auto Scaling, which starts no instances here: the load balancer sends requests to this process. */
async function registerTarget(port: number): Promise<void> {
  const [group] = await resourcesOf('Compute', 'AWS::ElasticLoadBalancingV2::TargetGroup');
  const target = { Id: '127.0.0.1', Port: port };
  await new ElasticLoadBalancingV2Client({}).send(
    new RegisterTargetsCommand({ TargetGroupArn: group?.physicalId, Targets: [target] }),
  );
}

const metadata = async (path: string, init: RequestInit): Promise<string> =>
  (await fetch(`${ENDPOINT}/latest/${path}`, init)).text();

/** Reads the users with the credentials of the service's instance, whose role does not allow it. @throws Error where it is let */
export async function overstep({ outputs }: Deployment): Promise<void> {
  const token = await metadata('api/token', {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
  });
  const from = { headers: { 'x-aws-ec2-metadata-token': token } };
  const role = await metadata('meta-data/iam/security-credentials/', from);
  const given = z
    .object({ AccessKeyId: z.string(), SecretAccessKey: z.string(), Token: z.string() })
    .parse(JSON.parse(await metadata(`meta-data/iam/security-credentials/${role}`, from)));
  const credentials = {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.Token,
  };
  const scan = new DynamoDBClient({ credentials }).send(new ScanCommand({ TableName: outputs.UsersTableName }));
  await rejects(scan, { name: 'AccessDeniedException' }, 'the service was let read the users: no policy is enforced');
}
