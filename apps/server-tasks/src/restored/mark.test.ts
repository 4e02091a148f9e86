import { describe, expect, it } from 'vitest';
import { judgeMark, type Mark, type MarkFacts, parseMark, writeMark } from './mark.ts';

const place = '11111111-1111-4111-8111-111111111111';
const first = '22222222-2222-4222-8222-222222222222';
const second = '33333333-3333-4333-8333-333333333333';

const mark: Mark = { place, generation: 7, restored: '' };
const same: MarkFacts = { generation: 7, knows: true, latest: '', places: 1, fresh: false, alone: true };

describe('a mark and its database', () => {
  it.each<[string, Mark | undefined, Partial<MarkFacts>, ReturnType<typeof judgeMark>]>([
    ['is sound where both say the same', mark, {}, undefined],
    ['is sound where a kill left the mark behind', mark, { generation: 8 }, undefined],
    ['is sound where the mark lost many moves', mark, { generation: 900 }, undefined],
    ['is older where it forgot one move', mark, { generation: 6 }, 'older'],
    ['does not know a node that came after the backup', mark, { generation: undefined, places: 3 }, 'unknown'],
    ['does not know the node where it is of before all nodes', mark, { generation: undefined, places: 0 }, 'unknown'],
    ['is new where nothing was ever done with it', mark, { generation: undefined, places: 0, fresh: true }, undefined],
    ['is new where there is no mark either', undefined, { places: 0, fresh: true }, undefined],
    ['was there before there were marks', undefined, { generation: undefined, places: 0 }, undefined],
    ['was brought here where one process has it and its place is not here', undefined, {}, 'moved'],
    ['has a new node where several processes share it', undefined, { alone: false, generation: undefined }, undefined],
    [
      'is older where it forgot a restored mode',
      { ...mark, restored: first },
      { knows: false, generation: 9 },
      'older',
    ],
    ['is settled where another node saw the restore before', mark, { generation: 6, latest: first }, undefined],
    [
      'is settled so too for a node that it does not know',
      { ...mark, restored: first },
      { generation: undefined, latest: second },
      undefined,
    ],
    [
      'is older again where it was restored once more',
      { ...mark, restored: first },
      { generation: 6, latest: first },
      'older',
    ],
  ])('%s', (_, remembered, facts, expected) => {
    expect(judgeMark(remembered, { ...same, ...facts })).toBe(expected);
  });
});

describe('the text of a mark', () => {
  it('is read as it was written', () => {
    for (const one of [mark, { ...mark, restored: second }]) expect(parseMark(writeMark(one))).toEqual(one);
  });

  it.each([
    undefined,
    '',
    '{',
    'null',
    '7',
    '{"place":"x","generation":1,"restored":""}',
    JSON.stringify({ ...mark, generation: 1.5 }),
    JSON.stringify({ ...mark, generation: '7' }),
    JSON.stringify({ ...mark, restored: 'x' }),
    JSON.stringify({ place, generation: 7 }),
    `${JSON.stringify(mark)}${' '.repeat(1000)}`,
  ])('is no mark: %s', (text) => {
    expect(parseMark(text)).toBeUndefined();
  });
});
