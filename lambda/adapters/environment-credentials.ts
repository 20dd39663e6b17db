/**
 * Stands in for the SDK's default chain of credential providers in Lambda's bundles (lib/constructs/bundles.ts): there
 * credentials are in the environment, and SSO, INI files, processes and web identity would be 135 KB of every bundle.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
