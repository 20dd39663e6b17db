import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ACCESS_SECONDS, PASSWORD_LENGTH, REFRESH_SECONDS } from '../../../local/host/identity/pool';
import { Identity } from '../../../lib/constructs/identity';
import { loadConfig } from '../../../lib/config';

test('the pool of one machine has the password policy and the lifetimes of the one in AWS', () => {
  const stack = new Stack(new App(), 'Api');
  new Identity(stack, 'Identity', { config: loadConfig({ env: 'dev' }), consoleOrigin: 'https://console.example' });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Cognito::UserPool', {
    Policies: {
      PasswordPolicy: {
        MinimumLength: PASSWORD_LENGTH,
        RequireLowercase: true,
        RequireUppercase: true,
        RequireNumbers: true,
        RequireSymbols: true,
      },
    },
  });
  template.hasResourceProperties('AWS::Cognito::UserPoolClient', {
    GenerateSecret: false,
    PreventUserExistenceErrors: 'ENABLED',
    EnableTokenRevocation: true,
    AccessTokenValidity: ACCESS_SECONDS / 60,
    RefreshTokenValidity: REFRESH_SECONDS / 60,
  });
});
