import eslint from '@eslint/js';
import awscdk from 'eslint-plugin-awscdk';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * The arrows of docs/architecture.md. `target` may not import `from`, except what `except` names.
 * A test (test/lint/arrows.test.ts) breaks each arrow on purpose and sees the rule refuse it.
 */
export const arrows = [
  {
    target: './core',
    from: ['./bin', './lib', './contract', './lambda', './service', './local', './tools', './bench'],
    why: 'core knows nothing but itself',
  },
  {
    target: './contract',
    from: ['./bin', './lib', './core', './lambda', './service', './local', './tools', './bench'],
    why: 'the contract stands alone',
  },
  {
    target: './lib',
    from: ['./bin', './core', './lambda', './service', './local', './tools', './bench'],
    why: 'lib reads the contract and names entry files, it imports none',
  },
  {
    target: './bin',
    from: ['./core', './contract', './lambda', './service', './local', './tools', './bench'],
    why: 'bin builds what lib declares',
  },
  {
    target: './lambda',
    from: ['./bin', './lib', './service', './local', './tools', './bench'],
    why: 'a handler knows core and contract',
  },
  {
    target: './service',
    from: ['./bin', './lib', './local', './tools', './bench'],
    why: 'the service knows core, contract and the adapters',
  },
  {
    target: './local',
    from: ['./bin', './lib', './tools', './bench'],
    why: 'the host is wiring over the contract, not CDK',
  },
];

export default tseslint.config(
  { ignores: ['node_modules/**', 'cdk.out/**', 'build/**', 'coverage/**', '.signal9/**', '.venv*/**'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.mjs', '.json'] })] },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/require-await': 'off',
      'import-x/no-restricted-paths': [
        'error',
        { zones: arrows.map(({ target, from, why }) => ({ target, from, message: why })) },
      ],
      // No package imports ours: reading them all for a cycle would take more memory than Node has by itself.
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'no-console': 'error',
    },
  },
  // AWS construct props are optional everywhere; CDK's own rules apply where CDK is written.
  {
    files: ['bin/**/*.ts', 'lib/**/*.ts'],
    ...awscdk.configs.recommended,
    plugins: { awscdk },
    rules: { ...awscdk.configs.recommended.rules, '@typescript-eslint/no-extraneous-class': 'off' },
  },
  // Bundled for Lambda: `zod` costs 454 KB and 34 ms of init, `zod/mini` 12 KB (docs/adr/0004).
  {
    files: ['core/**/*.ts', 'contract/**/*.ts', 'lambda/**/*.ts', 'service/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: [{ name: 'zod', message: "import * as z from 'zod/mini'" }] }],
    },
  },
  {
    files: ['core/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'core does no I/O' },
        { name: 'process', message: 'core reads no environment' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'the clock is an argument' },
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'the clock is an argument',
        },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'the random is an argument',
        },
      ],
    },
  },
  {
    files: ['local/**/*.ts', 'tools/**/*.ts', 'bench/**/*.ts', 'test/infra/synthesise-once.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: { module: 'writable', require: 'readonly', process: 'readonly', console: 'readonly', URL: 'readonly' },
    },
  },
);
