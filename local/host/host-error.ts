/** Something that the person at the console can put right; shown as its one line, without a stack. */
export class HostError extends Error {
  override readonly name = 'HostError';
}
