import { table, withGenerated } from '../../tools/markdown';

test('a cell cannot end its row or its column', () => {
  expect(table(['a', 'b'], [['x | y', 'two\n  lines']])).toBe('| a | b |\n| --- | --- |\n| x \\| y | two lines |');
});

test('the generated part is put between its marks, the written part stays', () => {
  const document = 'before\n\n<!-- prettier-ignore-start -->\nold\n<!-- prettier-ignore-end -->\n\nafter\n';
  const made = withGenerated(document, 'new');
  expect(made).toBe('before\n\n<!-- prettier-ignore-start -->\n\nnew\n\n<!-- prettier-ignore-end -->\n\nafter\n');
  expect(withGenerated(made, 'new')).toBe(made);
  expect(() => withGenerated('nothing generated', 'new')).toThrow(/prettier-ignore-start/);
});
