import { createNewest } from '../../service/loop/newest';

test('knows the newest state of each portfolio, and forgets those that were told the longest ago', () => {
  const newest = createNewest(2);
  newest.note('a', 3);
  newest.note('a', 2);
  newest.note('b', 1);
  expect([newest.isNewest('a', 2), newest.isNewest('a', 3), newest.isNewest('b', 2)]).toEqual([false, true, true]);
  newest.note('a', 3);
  newest.note('c', 5);
  expect([newest.isNewest('b', 0), newest.isNewest('a', 2), newest.isNewest('c', 4)]).toEqual([true, false, false]);
});
