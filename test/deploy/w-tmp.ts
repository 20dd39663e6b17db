import { AWS_ENVIRONMENT } from './emulator';
Object.assign(process.env, AWS_ENVIRONMENT, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
import { findDeployment } from './deployment';
import { signInPeople, signUp } from './people';
import { machineToken } from './people';
import { startService } from './service';
import { uses } from './usage';
import { runConformance, cases } from '../conformance/cases';
import { liveCases, portfoliosOver } from '../conformance/live-cases';
import { readdirSync, statSync } from 'fs';
async function main() {
  const d = await findDeployment();
  const n = Date.now();
  const people = {
    person: await signUp(d, `p${n}@example.com`),
    otherPerson: await signUp(d, `o${n}@example.com`),
    machine: await machineToken(d),
  };
  const f =
    '/tmp/' +
    readdirSync('/tmp')
      .filter((x) => x.startsWith('s9-deploy-'))
      .sort((a, b) => statSync('/tmp/' + b).mtimeMs - statSync('/tmp/' + a).mtimeMs)[0];
  const trust = {
    SIGNAL9_AUTHORITY: f + '/ca.crt',
    NODE_EXTRA_CA_CERTS: f + '/ca.crt',
    NODE_OPTIONS: '--require /work/main/test/deploy/trust.cjs',
    NODE_PATH: '/work/main/node_modules',
  };
  const s = await startService({ folder: f, trust });
  const arg = process.argv[2] ?? 'ucl';
  if (arg.includes('u'))
    for (const u of uses) {
      const t = Date.now();
      try {
        console.log(
          'ok  ',
          u.says,
          '·',
          (await u.run({ deployment: d, people })).slice(0, 200),
          `(${Date.now() - t} ms)`,
        );
      } catch (e: any) {
        console.log('FAIL', u.says, e.message.slice(0, 1500), `(${Date.now() - t} ms)`);
      }
    }
  const target = {
    baseUrl: d.restUrl,
    personToken: people.person,
    otherPersonToken: people.otherPerson,
    machineToken: people.machine,
  };
  if (arg.includes('c')) {
    const t = Date.now();
    const o: any[] = [];
    for (const c of cases.filter((_, i) => i >= Number(process.argv[3] ?? 0) && i < Number(process.argv[4] ?? 999))) {
      const t1 = Date.now();
      const r: any = await Promise.race([
        runConformance(target, [c]),
        new Promise((r) =>
          setTimeout(() => r([{ route: c.route, status: c.status, says: c.says, failure: 'HANGS' }]), 40000),
        ),
      ]);
      o.push(r[0]);
      if (r[0].failure || Date.now() - t1 > 4000)
        console.log(
          cases.indexOf(c),
          c.route,
          c.status,
          c.says,
          Date.now() - t1,
          'ms',
          (r[0].failure ?? '').slice(0, 300).replace(/\n/g, ' '),
        );
    }
    const bad = o.filter((x) => x.failure);
    console.log('conformance', o.length, 'bad', bad.length, Date.now() - t, 'ms');
  }
  if (arg.includes('l'))
    for (const one of liveCases) {
      try {
        await Promise.race([
          one.run({ ...target, url: d.liveUrl, makePortfolio: portfoliosOver(d.restUrl), valuationWithinMs: 20000 }),
          new Promise((_, r) => setTimeout(() => r(new Error('60s')), 60000)),
        ]);
        console.log('live ok', one.says);
      } catch (e: any) {
        console.log('live BAD', one.says, '::', e.message.slice(0, 300).replace(/\n/g, ' '));
      }
    }
  await s.stop();
  process.exit(0);
}
main().catch((e) => {
  console.log(e);
  process.exit(1);
});
