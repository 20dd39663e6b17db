import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_LINKED_ROLES } from '../../lib/config/account-needs';
import { everyStack } from './synthesised';

const stacks = everyStack();
const partsWith = (types: readonly string[]): string[] => [
  ...new Set(
    stacks.filter(({ resources }) => resources.some(({ type }) => types.includes(type))).map(({ part }) => part),
  ),
];

/** Services whose resources are made with a service-linked role; a type of theirs that is new here is to be decided upon. */
const SERVICES =
  /^AWS::(AutoScaling|ElasticLoadBalancing\w*|RDS|ElastiCache|Backup|ECS|EKS|EFS|OpenSearchService|MSK|AppSync)::/;
/** Parts of those that need no role by themselves. */
const WITHOUT = [
  'AWS::AutoScaling::ScalingPolicy',
  'AWS::Backup::BackupVault',
  'AWS::ElastiCache::User',
  'AWS::ElastiCache::UserGroup',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::ListenerRule',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::RDS::DBClusterParameterGroup',
  'AWS::RDS::DBParameterGroup',
  'AWS::RDS::DBProxyEndpoint',
  'AWS::RDS::DBProxyTargetGroup',
  'AWS::RDS::DBSubnetGroup',
];

describe('service-linked roles', () => {
  test.each(SERVICE_LINKED_ROLES.map((role) => [role.name, role] as const))('%s is needed where it says', (_, role) => {
    expect(partsWith(role.types).sort()).toEqual([...role.neededBy].sort());
  });

  test('are known for every resource of a service that has one', () => {
    const known = [...SERVICE_LINKED_ROLES.flatMap(({ types }) => types), ...WITHOUT];
    const types = new Set(stacks.flatMap(({ resources }) => resources.map(({ type }) => type)));
    expect([...types].filter((type) => SERVICES.test(type) && !known.includes(type))).toEqual([]);
  });

  test('are all made in docs/deploy.md, before anything is deployed', () => {
    const deploy = readFileSync(join(__dirname, '../../docs/deploy.md'), 'utf8');
    const [, bootstrap = ''] = deploy.split('\n## Bootstrap\n');
    for (const { service } of SERVICE_LINKED_ROLES) expect(bootstrap.split('\n## ')[0]).toContain(service);
  });
});
