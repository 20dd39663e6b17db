import { X509Certificate } from 'node:crypto';
import { portfolioConnectionOf } from '../../../../lambda/adapters/portfolio/from-environment';
import { recordingLog } from '../../api/call';

const environment = {
  PORTFOLIO_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:portfolios',
  PORTFOLIO_HOST: 'portfolios.example.us-east-1.rds.amazonaws.com',
  PORTFOLIO_PORT: 5432,
  PORTFOLIO_DATABASE: 'signal9_portfolios',
};

it('trusts the authorities of RDS in every region that has an own one, and few connections are enough', () => {
  const connection = portfolioConnectionOf(environment, { log: recordingLog() });
  const names = (connection.authorities ?? []).map((pem) => new X509Certificate(pem).subject);
  for (const region of ['us-east-1', 'us-west-2', 'eu-central-1', 'eu-west-1', 'ap-northeast-1', 'sa-east-1'])
    for (const kind of ['RSA2048', 'RSA4096', 'ECC384'])
      expect(names.some((name) => name.includes(`Amazon RDS ${region} Root CA ${kind} G1`))).toBe(true);
  expect(connection.connections).toBe(2);
  expect(portfolioConnectionOf(environment, { log: recordingLog() }, { connections: 20 }).connections).toBe(20);
});
