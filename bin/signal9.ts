import { App } from 'aws-cdk-lib';
import { ConfigError, loadConfig, readConfigFile, refuseExamples, refuseUnknownContext } from '../lib/config';
import { isListing } from '../lib/constructs/bundling';
import { buildApp } from '../lib/platform';

/** The CDK app: `npx cdk synth -c env=dev|staging|prod|<slug> -c region=us-east-1,us-west-2`. docs/cdk.md */
try {
  const app = new App({ analyticsReporting: false });
  const context = app.node.getAllContext() as Readonly<Record<string, unknown>>;
  refuseUnknownContext(context);
  const { env, region, overrides, example } = context;
  const config = loadConfig({ env, region, overrides, file: readConfigFile() });
  if (!isListing(app) && String(example) !== 'true') refuseExamples(config);
  buildApp(app, config);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`signal9: ${error.message}\n`);
  process.exit(1);
}
