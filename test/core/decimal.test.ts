import fc from 'fast-check';
import { Decimal, formatDecimal, parseDecimal, roundDecimal } from '../../core/money/decimal';

describe('decimals', () => {
  it.each(['0', '12', '-12.50', '+3', '.5', '7.', '0.000000001', '123456789012345678901234567890.123456789'])(
    'reads %j',
    (text) => {
      expect(parseDecimal(text)?.eq(new Decimal(text))).toBe(true);
    },
  );
  it.each([
    '',
    ' ',
    'None',
    '-',
    '1e9',
    '0x10',
    'NaN',
    'Infinity',
    '1,000',
    '1.2.3',
    '--1',
    'x1',
    '1x',
    null,
    undefined,
  ])('%j is none', (text) => {
    expect(parseDecimal(text)).toBeNull();
  });
  it('ignores space around', () => expect(formatDecimal(parseDecimal(' 1.50 ')!)).toBe('1.5'));

  it('is exact where doubles are not: nine decimals of shares at four of price', () => {
    expect(formatDecimal(parseDecimal('0.1')!.plus(parseDecimal('0.2')!))).toBe('0.3');
    expect(formatDecimal(parseDecimal('123456.123456789')!.times('98765.4321'))).toBe('12193197378.6007112635269');
    expect(formatDecimal(parseDecimal('123456789.123456789')!.times('1.0001'))).toBe('123469134.8023691346789');
  });

  it.each([
    ['0.125', 2, '0.12'],
    ['0.135', 2, '0.14'],
    ['0.1250001', 2, '0.13'],
    ['-0.125', 2, '-0.12'],
    ['2.5', 0, '2'],
    ['3.5', 0, '4'],
    ['1', 2, '1.00'],
    ['-0.001', 2, '0.00'],
  ])('%s to %d decimals is %s: half goes to the even', (text, decimals, expected) => {
    expect(formatDecimal(parseDecimal(text)!, decimals)).toBe(expected);
    expect(roundDecimal(parseDecimal(text)!, decimals).eq(expected)).toBe(true);
  });

  it('writes no exponent and no negative zero', () => {
    expect(formatDecimal(new Decimal('1e-12'))).toBe('0.000000000001');
    expect(formatDecimal(new Decimal('1e25'))).toBe('10000000000000000000000000');
    expect(formatDecimal(new Decimal('-0'))).toBe('0');
    expect(new Decimal('1e-30').toString()).not.toContain('e');
  });

  it('keeps 40 digits of what does not end', () => {
    expect(formatDecimal(new Decimal(1).div(3))).toBe(`0.${'3'.repeat(40)}`);
  });

  it('comes back as it was written', () => {
    const decimal = fc
      .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(12))
      .map(([digits, places]) => new Decimal(digits.toString()).div(new Decimal(10).pow(places)));
    fc.assert(
      fc.property(decimal, (value) => expect(parseDecimal(formatDecimal(value))!.eq(value)).toBe(true)),
      { numRuns: 200 },
    );
  });
});
