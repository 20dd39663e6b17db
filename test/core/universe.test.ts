import { rankMagicFormula, sectorPercentile, sentimentLabel, sentimentOf } from '../../core/advisor';

describe('sector percentile: (less + ½·equal) / N', () => {
  it.each([
    [3, [1, 2, 3, 4, 5], 0.5], // (2 + .5) / 5
    [5, [1, 2, 3, 4, 5], 0.9],
    [1, [1, 2, 3, 4, 5], 0.1],
    [2, [1, 2, 2, 2, 9, 9], 2.5 / 6],
    [7, [7, 7, 7, 7, 7], 0.5], // all equal
  ])('%d among %j is %d', (value, sector, expected) => {
    expect(sectorPercentile(value, sector)).toBeCloseTo(expected, 12);
    expect(sectorPercentile(value, sector, 'lower')).toBeCloseTo(1 - expected, 12);
    expect(sectorPercentile(value, sector, 'higher')).toBeCloseTo(expected, 12);
  });
  it('of fewer than five is unknown', () => {
    expect(sectorPercentile(1, [1, 2, 3, 4])).toBeNull();
    expect(sectorPercentile(1, [])).toBeNull();
  });
});

describe('Magic Formula ranking', () => {
  const entry = (symbol: string, earnings_yield: number | null, return_on_capital: number | null) => ({
    symbol,
    earnings_yield,
    return_on_capital,
  });
  it('adds two ranks; equals share the better one; who lacks a figure is not ranked', () => {
    const ranked = rankMagicFormula([
      entry('A', 0.1, 0.5),
      entry('B', 0.2, 0.5),
      entry('C', 0.1, 0.9),
      entry('D', 0.05, 0.1),
      entry('E', null, 2),
      entry('F', 0.3, null),
    ]);
    expect(Object.fromEntries(ranked)).toEqual({
      B: { earnings_yield_rank: 1, return_on_capital_rank: 2, combined: 3, rank: 1, of: 4 },
      C: { earnings_yield_rank: 2, return_on_capital_rank: 1, combined: 3, rank: 1, of: 4 },
      A: { earnings_yield_rank: 2, return_on_capital_rank: 2, combined: 4, rank: 3, of: 4 },
      D: { earnings_yield_rank: 4, return_on_capital_rank: 4, combined: 8, rank: 4, of: 4 },
    });
  });
  it('of nobody is empty', () => expect(rankMagicFormula([]).size).toBe(0));
});

describe('news labels', () => {
  it.each([
    [-1, 'Bearish'],
    [-0.35, 'Bearish'],
    [-0.349999, 'Somewhat-Bearish'],
    [-0.15, 'Somewhat-Bearish'],
    [-0.149999, 'Neutral'],
    [0, 'Neutral'],
    [0.149999, 'Neutral'],
    [0.15, 'Somewhat-Bullish'],
    [0.349999, 'Somewhat-Bullish'],
    [0.35, 'Bullish'],
    [1, 'Bullish'],
  ])('%d is %s', (score, label) => expect(sentimentLabel(score)).toBe(label));
});

describe('sentiment', () => {
  const NOW = '2025-03-31T12:00:00Z';
  const article = (time_published: string, sentiment_score: number, relevance_score = 1) => ({
    time_published,
    sentiment_score,
    relevance_score,
  });

  it('is the mean weighted by relevance', () => {
    const articles = [article('2025-03-30T00:00:00Z', 0.5, 0.2), article('2025-03-29T00:00:00Z', -0.1, 0.6)];
    expect(sentimentOf(articles, NOW, 30)).toEqual({ score: 0.05, label: 'Neutral', articles: 2, window_days: 30 }); // (.1 − .06) / .8
  });
  it('counts the window with both its ends, and nothing beyond', () => {
    const at = (time: string) => sentimentOf([article(time, 0.4)], NOW, 30)?.articles ?? 0;
    expect(at('2025-03-01T12:00:00Z')).toBe(1);
    expect(at('2025-03-01T11:59:59.999Z')).toBe(0);
    expect(at('2025-03-31T12:00:00Z')).toBe(1);
    expect(at('2025-03-31T12:00:01Z')).toBe(0);
    expect(sentimentOf([article('2025-03-30T12:00:00Z', 0.4)], NOW, 1)?.window_days).toBe(1);
    expect(sentimentOf([article('2025-03-30T11:59:59Z', 0.4)], NOW, 1)).toBeNull();
  });
  it('is unknown without articles, or without one of any relevance', () => {
    expect(sentimentOf([], NOW, 30)).toBeNull();
    expect(sentimentOf([article('2025-03-30T00:00:00Z', 0.5, 0)], NOW, 30)).toBeNull();
    expect(sentimentOf([article('no date', 0.5)], NOW, 30)).toBeNull();
  });
  it('labels the score it shows: thrice 0.15 weighs 0.15, however the sum is rounded', () => {
    const articles = [0.1, 0.2, 0.7].map((relevance) => article('2025-03-30T00:00:00Z', 0.15, relevance));
    expect(sentimentOf(articles, NOW, 30)).toMatchObject({ score: 0.15, label: 'Somewhat-Bullish', articles: 3 });
  });
  it('has six decimals and no negative zero', () => {
    expect(sentimentOf([article('2025-03-30T00:00:00Z', 1 / 3)], NOW, 30)?.score).toBe(0.333333);
    expect(Object.is(sentimentOf([article('2025-03-30T00:00:00Z', -1e-9)], NOW, 30)?.score, 0)).toBe(true);
  });
});
