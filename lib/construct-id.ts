/** `asset-sync` → `AssetSync`: what the contract calls a thing, as a construct's id and as an output's. */
export const constructId = (name: string): string =>
  name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
