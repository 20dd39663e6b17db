import { ConfigError } from '../../lib/config';

/**
 * What somebody is told whose configuration is refused.
 *
 * @throws Error where it is accepted, or where something else is thrown than a ConfigError
 */
export function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('was accepted');
}
