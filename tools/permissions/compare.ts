import { NOT_IN_PROD } from './explanations';
import { type Statement } from './statements';

/** The statements that allow a subject an action which it has not in prod. */
export function beyondProd(prod: readonly Statement[], other: readonly Statement[]): Statement[] {
  const allowed = (statement: Statement) =>
    statement.effect === 'Deny'
      ? []
      : statement.actions.map((action) =>
          [statement.kind, statement.subject, ...statement.principals.map(anywhere), action].join(' '),
        );
  const known = new Set(prod.flatMap(allowed));
  return other.filter((statement) => allowed(statement).some((one) => !known.has(one)));
}

/** A service has a name, or an account of AWS's, of its own in each region. */
const anywhere = (principal: string): string =>
  principal.replace(/^logs\.[a-z0-9-]+\.amazonaws/, 'logs.REGION.amazonaws').replace(/iam::\d{12}:/, 'iam::AWS:');

/** Each with the reason why another environment has it; none where nothing in NOT_IN_PROD is about it. */
export const reasonsOf = (statements: readonly Statement[]) =>
  statements.map((statement) => [statement, NOT_IN_PROD.find(({ of }) => of(statement))?.reason] as const);
