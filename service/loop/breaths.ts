/** Longest that other work waits for this one. */
const BREATH_MS = 20;

/** `map`, for so many items that requests would wait: now and then it lets others have their turn. */
export async function mapInBreaths<Item, Out>(items: readonly Item[], map: (item: Item) => Out): Promise<Out[]> {
  const mapped: Out[] = [];
  let since = performance.now();
  for (const item of items) {
    mapped.push(map(item));
    if (performance.now() - since < BREATH_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
  return mapped;
}
