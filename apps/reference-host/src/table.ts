/** A column of a printed table. Numbers are set to the right. */
export interface PrintedColumn<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number;
}

const width = (text: string): number => [...text].length;

const pad = (text: string, to: number, right: boolean): string => {
  const space = ' '.repeat(Math.max(0, to - width(text)));
  return right ? space + text : text + space;
};

const shorten = (text: string, to: number): string =>
  width(text) <= to ? text : `${[...text].slice(0, to - 1).join('')}…`;

/** Draws rows as a table for a terminal, no cell wider than `maxWidth`. */
export const printTable = <Row>(
  columns: readonly PrintedColumn<Row>[],
  rows: readonly Row[],
  maxWidth = 44,
): string => {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const texts = cells.map((row) => row.map((cell) => shorten(String(cell), maxWidth)));
  const right = columns.map((_, index) => cells.length > 0 && cells.every((row) => typeof row[index] === 'number'));
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...texts.map((row) => width(row[index] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, right[index] ?? false))
      .join('  ')
      .trimEnd();
  return [
    line(columns.map((column) => column.title)),
    widths.map((length) => '─'.repeat(length)).join('  '),
    ...texts.map(line),
  ].join('\n');
};
