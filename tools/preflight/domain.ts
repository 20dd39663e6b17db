import * as z from 'zod';
import { serviceListener } from '../../lib/constructs/service-listener';
import { hostNames } from '../../lib/names';
import { answered } from './account';
import { type Check, type Finding, ok, problem } from './check';

const CLOUDFRONT_REGION = 'us-east-1';

const certificateAnswer = z.object({
  Certificate: z.object({ Status: z.string(), SubjectAlternativeNames: z.array(z.string()) }),
});

/** Whether one of the names of a certificate is, or covers, a host. A wildcard covers one label. */
export const covers = (names: readonly string[], host: string): boolean =>
  names.some((name) => name === host || (name.startsWith('*.') && host.replace(/^[^.]+/, '*') === name));

export const certificates: Check = {
  id: 'certificates',
  title: "the domain's certificates",
  scope: 'region',
  async run(aws, { config, region }) {
    const hosts = hostNames(config, region);
    if (!hosts || !config.domain) return [ok('no domain is configured')];
    const { certificateArns } = config.domain;
    const own = { region, arn: certificateArns[region], names: [hosts.api, hosts.live] };
    const { certificateArn } = serviceListener(config, region);
    const wanted = [
      ...(certificateArn === own.arn
        ? [{ ...own, names: [...own.names, hosts.service] }]
        : [own, { region, arn: certificateArn, names: [hosts.service] }]),
      // CloudFront takes its certificate from one region only.
      { region: CLOUDFRONT_REGION, arn: certificateArns[CLOUDFRONT_REGION], names: [hosts.console] },
    ];
    return Promise.all(
      wanted.map(async ({ region: of, arn = '', names }): Promise<Finding> => {
        const described = await answered(
          aws({ service: 'acm', operation: 'describe-certificate', input: { CertificateArn: arn }, region: of }),
          certificateAnswer,
          ['ResourceNotFoundException'],
        );
        if (!described) return problem(`there is no certificate ${arn}`, `aws acm list-certificates --region ${of}`);
        const { Certificate } = described;
        if (Certificate.Status !== 'ISSUED')
          return problem(
            `the certificate ${arn} is ${Certificate.Status}`,
            `aws acm wait certificate-validated --region ${of} --certificate-arn ${arn}`,
          );
        const missing = names.filter((host) => !covers(Certificate.SubjectAlternativeNames, host));
        if (missing.length === 0) return ok(`${names.join(', ')} in ${of}`);
        return problem(
          `the certificate ${arn} is not for ${missing.join(', ')}`,
          `aws acm request-certificate --region ${of} --domain-name ${config.domain?.name ?? ''} --subject-alternative-names '*.${config.domain?.name ?? ''}' --validation-method DNS`,
        );
      }),
    );
  },
};

const zoneAnswer = z.object({
  HostedZone: z.object({ Name: z.string(), Config: z.object({ PrivateZone: z.boolean() }) }),
});

export const hostedZone: Check = {
  id: 'hosted-zone',
  title: "the domain's hosted zone",
  scope: 'account',
  async run(aws, { config, region }) {
    if (!config.domain) return [ok('no domain is configured')];
    const { name, hostedZoneId: Id } = config.domain;
    const fix = `aws route53 list-hosted-zones-by-name --dns-name ${name}`;
    const found = await answered(
      aws({ service: 'route53', operation: 'get-hosted-zone', input: { Id }, region }),
      zoneAnswer,
      ['NoSuchHostedZone'],
    );
    if (!found) return [problem(`there is no zone ${Id}`, fix)];
    const { HostedZone } = found;
    const zone = HostedZone.Name.replace(/\.$/, '');
    if (HostedZone.Config.PrivateZone) return [problem(`the zone ${Id} is a private one`, fix)];
    if (name !== zone && !name.endsWith(`.${zone}`))
      return [problem(`the zone ${Id} is of ${zone}, not of ${name}`, fix)];
    return [ok(`${Id} is of ${zone}`)];
  },
};

const ACL_ARN = /:global\/webacl\/([^/]+)\/([^/]+)$/;

export const cdnWebAcl: Check = {
  id: 'cdn-web-acl',
  title: 'the firewall of the distribution',
  scope: 'account',
  async run(aws, { config }) {
    if (!config.domain) return [ok('no domain is configured')];
    const [, Name, Id] = ACL_ARN.exec(config.domain.cdnWebAclArn) ?? [];
    const found = await answered(
      aws({
        service: 'wafv2',
        operation: 'get-web-acl',
        input: { Name, Id, Scope: 'CLOUDFRONT' },
        region: CLOUDFRONT_REGION,
      }),
      z.object({ WebACL: z.object({ Name: z.string() }) }),
      ['WAFNonexistentItemException'],
    );
    if (found) return [ok(found.WebACL.Name)];
    return [
      problem(
        `there is no web ACL ${config.domain.cdnWebAclArn}`,
        `aws wafv2 list-web-acls --region ${CLOUDFRONT_REGION} --scope CLOUDFRONT`,
      ),
    ];
  },
};
