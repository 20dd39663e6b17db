import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { loadConfig } from '../../lib/config';
import { NetworkStack } from '../../lib/stacks/network';
import { monthly } from '../../tools/running-cost/prices';
import { quantities, type Template as Costed } from '../../tools/running-cost/quantities';
import { ofType, type Properties, referredTo, stack } from './synthesised';

const networkOf = (overrides: object): Template =>
  Template.fromStack(new NetworkStack(new App(), { config: loadConfig({ overrides }), region: 'us-east-1' }));

describe('the NAT instance', () => {
  const dev = stack('dev', 'Network');
  const [instance] = ofType(dev, 'AWS::EC2::Instance');
  const { properties, raw } = instance!;

  test('is there in dev and its copies; staging and prod have gateways', () => {
    for (const name of ['dev', 'pr3522', 'everywhere'] as const) {
      stack(name, 'Network').template.resourceCountIs('AWS::EC2::Instance', 1);
      stack(name, 'Network').template.resourceCountIs('AWS::EC2::NatGateway', 0);
      stack(name, 'Network').template.resourceCountIs('AWS::EC2::EIP', 0);
    }
    for (const name of ['staging', 'prod'] as const) {
      stack(name, 'Network').template.resourceCountIs('AWS::EC2::Instance', 0);
      stack(name, 'Monitoring').template.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
    }
  });

  test('forwards what is not for it, from a public subnet, with an address of its own', () => {
    expect(properties.SourceDestCheck).toBe(false);
    expect(properties.NetworkInterfaces).toEqual([
      expect.objectContaining({ AssociatePublicIpAddress: true, DeviceIndex: '0', DeleteOnTermination: true }),
    ]);
    const subnet = referredTo(properties.NetworkInterfaces[0].SubnetId)!;
    const names = dev.resources.find(({ logicalId }) => logicalId === subnet)!.properties.Tags as Properties[];
    expect(names).toContainEqual({ Key: 'aws-cdk:subnet-name', Value: 'public' });
  });

  test('has no role, no key pair, an encrypted disk, and metadata for a token one hop away', () => {
    expect(properties.IamInstanceProfile).toBeUndefined();
    expect(properties.KeyName).toBeUndefined();
    expect(properties.MetadataOptions).toEqual({
      HttpEndpoint: 'enabled',
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 1,
    });
    for (const { Ebs } of properties.BlockDeviceMappings as Properties[]) expect(Ebs.Encrypted).toBe(true);
  });

  test('starts from Amazon Linux 2023 for arm64 by the public parameter of AWS', () => {
    const parameter = dev.template.toJSON().Parameters[properties.ImageId.Ref] as Properties;
    expect(parameter.Default).toMatch(/^\/aws\/service\/ami-amazon-linux-latest\/al2023-ami-kernel-.*-arm64$/);
    expect(parameter.Type).toBe('AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>');
  });

  test('is routed to by every private subnet and no other, only after it has signalled, and after it has a way out', () => {
    const routed = ofType(dev, 'AWS::EC2::Route').filter((route) => route.properties.InstanceId !== undefined);
    expect(routed.map(({ logicalId }) => logicalId.replace(/[0-9A-F]{8}$/, ''))).toEqual([
      'NetworkVpcprivateSubnet1DefaultRoute',
      'NetworkVpcprivateSubnet2DefaultRoute',
    ]);
    for (const route of routed) expect(referredTo(route.properties.InstanceId)).toBe(instance!.logicalId);
    expect(raw.CreationPolicy).toEqual({ ResourceSignal: { Count: 1, Timeout: 'PT15M' } });
    expect(raw.DependsOn).toContainEqual(expect.stringMatching(/^NetworkVpcpublicSubnet1DefaultRoute/));
    expect(JSON.stringify(properties.UserData)).toContain(`RESOURCE='${instance!.logicalId}'`);
  });

  test('is no export: replaced with its image, it would otherwise keep Network from being deployed', () => {
    const exported = Object.values(dev.outputs as Record<string, Properties>).map(({ Value }) => referredTo(Value));
    expect(exported).not.toContain(instance!.logicalId);
  });

  test('with another address block is another instance, for user data runs once', () => {
    const ids = (template: Template) => Object.keys(template.findResources('AWS::EC2::Instance'));
    const other = Template.fromStack(new NetworkStack(new App(), { config: loadConfig({}), region: 'us-west-2' }));
    expect(ids(networkOf({}))).toHaveLength(1);
    expect(ids(other)).not.toEqual(ids(networkOf({})));
  });

  test('accepts HTTPS of the private subnets, starts HTTPS, and nothing else', () => {
    const group = dev.resources.find(
      ({ logicalId }) => logicalId === referredTo(properties.NetworkInterfaces[0].GroupSet[0]),
    )!.properties;
    const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
    const blocks = ofType(dev, 'AWS::EC2::Subnet')
      .filter(({ logicalId }) => logicalId.includes('private'))
      .map((subnet) => subnet.properties.CidrBlock as string);
    expect(blocks).toHaveLength(2);
    expect(group.SecurityGroupIngress).toEqual(
      blocks.map((CidrIp) => expect.objectContaining({ ...https, CidrIp }) as unknown),
    );
    expect(group.SecurityGroupEgress).toEqual([expect.objectContaining({ ...https, CidrIp: '0.0.0.0/0' })]);
  });

  test('somebody is paged when it fails, and when it is gone', () => {
    const [status] = ofType(dev, 'AWS::CloudWatch::Alarm');
    expect(status!.properties).toMatchObject({
      AlarmName: 'signal9-dev-us-east-1-nat-status',
      Namespace: 'AWS/EC2',
      MetricName: 'StatusCheckFailed',
      Dimensions: [{ Name: 'InstanceId', Value: { Ref: instance!.logicalId } }],
      TreatMissingData: 'missing',
    });
    const monitoring = stack('dev', 'Monitoring');
    const [alarm] = ofType(monitoring, 'AWS::CloudWatch::CompositeAlarm');
    const rule = JSON.stringify(alarm!.properties.AlarmRule);
    for (const state of ['ALARM', 'INSUFFICIENT_DATA']) expect(rule).toContain(`${state}(`);
    expect(rule).toContain(`:alarm:${status!.properties.AlarmName}`);
    const [topic] = ofType(monitoring, 'AWS::SNS::Topic');
    for (const actions of [alarm!.properties.AlarmActions, alarm!.properties.OKActions])
      expect(actions).toEqual([{ Ref: topic!.logicalId }]);
    const [, article] = /docs\/runbook\.md#([a-z-]+)$/.exec(alarm!.properties.AlarmDescription as string)!;
    expect(readFileSync(join(__dirname, '../../docs/runbook.md'), 'utf8')).toMatch(new RegExp(`^## ${article}$`, 'm'));
  });

  test('costs less than a quarter of a gateway, its disk and address included', () => {
    const month = (template: unknown) =>
      [...quantities([template as Costed])].reduce((sum, [name, quantity]) => sum + monthly(name, quantity), 0);
    const only = (types: RegExp, { Resources }: Properties) => ({
      Resources: Object.fromEntries(
        Object.entries(Resources as Record<string, Properties>).filter(([, { Type }]) => types.test(Type as string)),
      ),
    });
    expect(month(only(/Instance$/, dev.template.toJSON()))).toBeCloseTo(3.07 + 0.64 + 3.65, 1);
    const gateway = networkOf({ network: { nat: 'gateway' } }).toJSON();
    expect(month(only(/NatGateway|EIP/, gateway))).toBeCloseTo(32.85 + 3.65, 1);
  });

  describe('its user data', () => {
    const script = (properties.UserData['Fn::Base64']['Fn::Join'][1] as unknown[])
      .map((part) => (typeof part === 'string' ? part : 'Signal9-dev-us-east-1-Network'))
      .join('');

    test.each([
      ['bash', ['-n']],
      ['shellcheck', ['--severity=style', '--shell=bash', '-']],
    ])('is clean for %s', (program, args) => {
      const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input: script });
      if (error && 'code' in error && error.code === 'ENOENT')
        process.stdout.write(`${program} is not installed: this check is left out\n`);
      else expect({ status, output: `${stdout}${stderr}` }).toEqual({ status: 0, output: '' });
    });

    test('gives a nano the memory that dnf needs before it asks for packages', () => {
      expect(script.indexOf('swapon')).toBeGreaterThan(0);
      expect(script.indexOf('swapon')).toBeLessThan(script.indexOf('dnf install'));
    });

    test('forwards HTTPS of the VPC and drops the rest, and does so again after a restart', () => {
      expect(script).toContain("CIDR='10.0.0.0/16'");
      expect(script).toContain('-A POSTROUTING -s $CIDR ! -d $CIDR -j MASQUERADE');
      expect(script).toContain(':FORWARD DROP');
      expect(script).toContain('systemctl enable iptables.service');
      expect(script).toContain('/etc/sysctl.d/');
    });
  });
});
