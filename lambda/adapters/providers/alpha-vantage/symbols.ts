/**
 * Share classes: Alpaca writes `BRK.B`, Alpha Vantage `BRK-B` (DOMAIN.md §2). Only that form is translated;
 * `CRYPTO:BTC`, preferreds (`ACR-P-C`) and plain symbols pass as they are.
 */
export function toAlphaVantageSymbol(alpacaSymbol: string): string {
  return alpacaSymbol.toUpperCase().replace(/^([A-Z0-9]+)\.([A-Z]{1,2})$/, '$1-$2');
}

/** The way back. The real earnings calendar holds both spellings of one share (`BF-A` and `BF.A`): both become `BF.A`. */
export function toAlpacaSymbol(alphaVantageSymbol: string): string {
  return alphaVantageSymbol.toUpperCase().replace(/^([A-Z0-9]+)-([A-Z]{1,2})$/, '$1.$2');
}
