import type { Outcome } from './cell.ts';
import type { Entry } from './matrix.ts';

const problemOf = (outcome: Outcome): string | undefined => {
  const { state, changed, code, message, remedy, overview } = outcome;
  if (state === 'succeeded') return changed === 'all' && overview === '' ? undefined : `published ${changed}`;
  if (changed !== 'nothing') return `${state}, but changed ${changed}`;
  if (code === '' || code === 'INTERNAL') return `${state} without a code`;
  if (state === 'failed' && overview !== code) return `the overview shows "${overview}" for ${code}`;
  // A sentence with a hole in it, or that begins with the colon after a code that was not there.
  if ([message, remedy].some((text) => text.length < 10 || /\{\w+\}|^\W*:|: ?$|undefined/.test(text)))
    return `${code} says "${message}" and "${remedy}"`;
  return undefined;
};

/** What of a cell breaks the promises of docs/reliability.md. */
export const problemsOf = ({ fault, place, start, cell }: Entry): readonly string[] =>
  cell === undefined
    ? []
    : (['once', 'lasting'] as const).flatMap((span) => {
        const problem = problemOf(cell[span]);
        return problem === undefined ? [] : [`${fault}, ${place.title}, ${start}, ${span}: ${problem}`];
      });
