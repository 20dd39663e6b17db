/** Cases of the conformance suite that the emulator answers otherwise than the local host, and why. */
export interface Exception {
  readonly cases: RegExp;
  /** How they fail; a case that fails otherwise is not excepted. */
  readonly failure: RegExp;
  readonly why: string;
}

export const exceptions: readonly Exception[] = [
  {
    cases: / 403, asked by a machine, for a person’s things$/,
    failure: /\b401\b/,
    why: 'the authorizer of API Gateway answers 401 to a token without the scope, where the local host and the service say 403',
  },
  {
    cases: /^live, refuses (?:a connection without a token|what is no token|a token that was changed)$/,
    failure: /\bstatus: 500\b/,
    why: "the emulator answers 500 where the authorizer throws 'Unauthorized', which AWS answers with 401; that it throws just that is tested in test/lambda/portfolio",
  },
];
