/** A mistake of whoever called, told in one line and without a stack trace. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
