import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../../lambda/adapters/ports';
import type { IdentityState } from './identity-state';
import { REFRESH_SECONDS } from './pool';

/** One sign-in: what its tokens share, however often they are refreshed. */
export interface SignIn {
  readonly sub: string;
  readonly originId: string;
  /** Seconds since 1970. */
  readonly authTime: number;
}

/** Who is signed in, by refresh token. */
export interface SignIns {
  open(sub: string): SignIn & { readonly refreshToken: string };
  byRefreshToken(token: string): SignIn | undefined;
  isOpen(originId: string): boolean;
  close(refreshToken: string): void;
  closeAll(sub: string): void;
}

const digestOf = (token: string) => createHash('sha256').update(token).digest('hex');

export function openSignIns(state: IdentityState, clock: Clock): SignIns {
  const live = () =>
    Object.entries(state.read().refresh_tokens).filter(([, { expires_at }]) => expires_at > clock().getTime());
  const write = (entries: ReturnType<typeof live>) =>
    state.write({ ...state.read(), refresh_tokens: Object.fromEntries(entries) });

  return {
    open(sub) {
      const refreshToken = randomBytes(48).toString('base64url');
      const originId = randomUUID();
      const now = clock().getTime();
      const authTime = Math.floor(now / 1000);
      const held = { sub, expires_at: now + REFRESH_SECONDS * 1000, origin_jti: originId, auth_time: authTime };
      write([...live(), [digestOf(refreshToken), held]]);
      return { sub, originId, authTime, refreshToken };
    },
    byRefreshToken(token) {
      const digest = digestOf(token);
      const [, held] = live().find(([key]) => key === digest) ?? [];
      return held && { sub: held.sub, originId: held.origin_jti, authTime: held.auth_time };
    },
    isOpen: (originId) => live().some(([, { origin_jti }]) => origin_jti === originId),
    close: (refreshToken) => write(live().filter(([key]) => key !== digestOf(refreshToken))),
    closeAll: (sub) => write(live().filter(([, held]) => held.sub !== sub)),
  };
}
