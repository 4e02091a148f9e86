import { describe, expect, it } from 'vitest';
import { printTable } from './table.ts';

describe('printed tables', () => {
  it('set numbers to the right and shorten long texts', () => {
    const rows = [
      { name: 'Contoso - Office', seats: 5 },
      { name: 'x'.repeat(60), seats: 1200 },
    ];
    const text = printTable<(typeof rows)[number]>(
      [
        { title: 'Product', value: (row) => row.name },
        { title: 'Seats', value: (row) => row.seats },
      ],
      rows,
      20,
    );
    expect(text.split('\n')).toEqual([
      'Product               Seats',
      `${'─'.repeat(20)}  ─────`,
      'Contoso - Office          5',
      `${'x'.repeat(19)}…   1200`,
    ]);
  });
});
