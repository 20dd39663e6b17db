/**
 * Something that we stand on does not answer at present: an API answers 503 with Retry-After, a queue's worker puts its
 * message back. Whoever asks again must be safe to: a write may have been done whose answer was lost.
 */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
  readonly retryAfterSeconds: number = 5;
}
