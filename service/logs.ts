import { Logger } from '@aws-lambda-powertools/logger';
import { allowListed } from '../lambda/adapters/log-fields';
import type { Log } from '../lambda/adapters/ports';

/** Lines of JSON, as functions write them, for the CloudWatch agent to carry away. */
export function serviceLog(logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'): Log {
  const logger = new Logger({ serviceName: 'portfolio', logLevel });
  const level =
    (name: keyof Log): Log[typeof name] =>
    (message, fields) =>
      logger[name](message, allowListed(fields));
  return { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
}
