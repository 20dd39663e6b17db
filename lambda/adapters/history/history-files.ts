import type { HistoryDataset, HistoryRow } from '../../../contract/history';
import { HISTORY_PARTITION } from '../../../contract/history';
import type { ObjectStore } from '../object-store';
import { parquetOf } from './parquet';

/** So many rows of a dozen columns are some megabytes as a file, and some tens of them in memory. */
const ROWS_A_PART = 50_000;

/** One day of one dataset, being written. */
export interface HistoryFiles<Dataset extends HistoryDataset> {
  add(rows: readonly HistoryRow<Dataset>[]): Promise<void>;
  /** Writes what is left. @returns rows written in all */
  end(): Promise<number>;
}

/**
 * Writes the files of a day, whole parts as soon as their rows are there, so that memory holds one part whatever the day.
 * The names depend on nothing but the day and the part: written again, a day replaces itself. The last part has no rows:
 * a day without any has its file too, and a day that is written again with a part less leaves none of the old rows.
 */
export function historyFiles<Dataset extends HistoryDataset>(
  store: ObjectStore,
  dataset: Dataset,
  date: string,
  rowsAPart = ROWS_A_PART,
): HistoryFiles<Dataset> {
  let waiting: HistoryRow<Dataset>[] = [];
  let [parts, written] = [0, 0];

  async function put(rows: readonly HistoryRow<Dataset>[]): Promise<void> {
    const part = String(parts).padStart(5, '0');
    const key = `${dataset}/${HISTORY_PARTITION.name}=${date}/part-${part}.parquet`;
    await store.put(key, parquetOf(dataset, rows), 'application/vnd.apache.parquet');
    parts += 1;
    written += rows.length;
  }

  return {
    async add(rows) {
      for (const row of rows) {
        waiting.push(row);
        if (waiting.length < rowsAPart) continue;
        await put(waiting);
        waiting = [];
      }
    },
    async end() {
      if (waiting.length > 0) await put(waiting);
      waiting = [];
      await put([]);
      return written;
    },
  };
}
