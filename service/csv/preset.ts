import type { ImportFormat } from '../../contract/schemas/portfolios';
import type { Reading } from './draft';

/** A layout of files that is known. */
export interface Preset {
  readonly format: Exclude<ImportFormat, 'auto'>;
  /** Whether its source lists the newest first, which a file of one day does not tell. @default false */
  readonly newestFirst?: boolean;
  /** A column that no row below a header has for a cell. */
  readonly mark: string;
  /** @param columns names of columns as `columnName` makes them */
  readonly isHeader: (columns: readonly string[]) => boolean;
  /** What is wrong with a header that is this format's; such a file is not read. */
  readonly problem?: (columns: readonly string[]) => string | null;
  /** Reads the rows below a header. */
  readonly reader: (columns: readonly string[]) => (cells: readonly string[]) => Reading;
  /** The columns that the fields of a transaction are in, where they have other names. */
  readonly columns: Readonly<Record<string, string>>;
}

export const has = (columns: readonly string[], ...names: readonly string[]): boolean =>
  names.every((name) => columns.includes(name));
