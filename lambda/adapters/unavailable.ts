/**
 * Something that we stand on does not answer at present, and nothing was done for whoever is told so: an API answers 503
 * with Retry-After, a queue's worker puts its message back.
 */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
  readonly retryAfterSeconds: number = 5;
}
