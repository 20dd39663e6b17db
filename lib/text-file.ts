import { readFileSync } from 'node:fs';

/**
 * A text of the repository as Linux is to get it. A checkout on Windows, or one with `core.autocrlf`, ends lines with CR
 * LF, and bash takes the CR for a part of the last word: user data would not parse, on instances only.
 */
export const readText = (file: string): string => readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
