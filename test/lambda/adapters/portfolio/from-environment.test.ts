import { X509Certificate } from 'node:crypto';
import { portfolioConnectionOf } from '../../../../lambda/adapters/portfolio/from-environment';
import { REGION_NAMES } from '../../../../lib/config/regions';
import { recordingLog } from '../../api/call';

const environment = {
  PORTFOLIO_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:portfolios',
  PORTFOLIO_HOST: 'portfolios.example.us-east-1.rds.amazonaws.com',
  PORTFOLIO_PORT: 5432,
  PORTFOLIO_DATABASE: 'signal9_portfolios',
};

it('trusts the authorities of RDS in every region that the platform can be built in, but for GovCloud (ADR 30)', () => {
  const { authorities = [] } = portfolioConnectionOf(environment, { log: recordingLog() });
  const names = authorities.map((pem) => new X509Certificate(pem).subject);
  const isTrusted = (region: string) =>
    ['RSA2048', 'RSA4096', 'ECC384'].every((kind) =>
      names.some((name) => name.includes(`Amazon RDS ${region} Root CA ${kind} G1`)),
    );
  expect(REGION_NAMES.filter((region) => !isTrusted(region))).toEqual(['us-gov-west-1']);
});

it('opens few connections, unless it is told', () => {
  const connection = portfolioConnectionOf(environment, { log: recordingLog() });
  expect(connection.connections).toBe(2);
  expect(portfolioConnectionOf(environment, { log: recordingLog() }, { connections: 20 }).connections).toBe(20);
});
