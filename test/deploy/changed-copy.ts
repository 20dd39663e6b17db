import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
/** What a synthesis reads. */
const SOURCES = ['bin', 'lib', 'contract', 'core', 'lambda', 'service', 'cdk.json', 'package.json', 'tsconfig.json'];

/** A change that somebody makes to the code: of one place, which must be there. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A copy of the app with the edits made. @returns its folder @throws Error where an edit does not find its place */
export function changedCopy(folder: string, edits: readonly Edit[]): string {
  const copy = path.join(folder, 'changed');
  mkdirSync(copy);
  for (const source of SOURCES) cpSync(path.join(ROOT, source), path.join(copy, source), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  for (const { file, from, to } of edits) {
    const place = path.join(copy, file);
    const text = readFileSync(place, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} does not have ${JSON.stringify(from)} exactly once`);
    writeFileSync(place, text.replace(from, to));
  }
  return copy;
}
