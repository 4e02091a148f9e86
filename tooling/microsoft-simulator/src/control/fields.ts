/** What is wrong with a request to the control surface; answered as 400. */
export class ControlProblem extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ControlProblem('A JSON object is expected.');
};

export const parseBody = (body: string): unknown => {
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch {
    throw new ControlProblem('The body is not JSON.');
  }
};

export const textField = (fields: Fields, name: string): string => {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw new ControlProblem(`'${name}' must be a text.`);
  return value;
};

export const numberField = (fields: Fields, name: string): number => {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ControlProblem(`'${name}' must be a number.`);
  return value;
};

export const textList = (fields: Fields, name: string): string[] => {
  const value = fields[name];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) {
    throw new ControlProblem(`'${name}' must be a list of texts.`);
  }
  return value;
};

/** One of the given words, or undefined when absent. */
export const wordField = <W extends string>(fields: Fields, name: string, words: readonly W[]): W | undefined => {
  const value = fields[name];
  if (value === undefined) return undefined;
  const word = words.find((entry) => entry === value);
  if (word === undefined) throw new ControlProblem(`'${name}' must be one of ${words.join(', ')}.`);
  return word;
};
