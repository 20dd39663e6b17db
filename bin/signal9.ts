import { App } from 'aws-cdk-lib';
import { ConfigError, loadConfig } from '../lib/config';
import { buildApp } from '../lib/platform';

/** The CDK app: `npx cdk synth -c env=dev|staging|prod|<slug> -c region=us-east-1,us-west-2`. */
try {
  const app = new App({ analyticsReporting: false });
  const context = (key: string): unknown => app.node.tryGetContext(key);
  buildApp(app, loadConfig({ env: context('env'), region: context('region'), overrides: context('overrides') }));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`signal9: ${error.message}\n`);
  process.exit(1);
}
