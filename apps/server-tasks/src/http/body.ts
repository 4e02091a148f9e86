import { taskErrors } from '../errors.ts';

const deepest = 50;

/** Whether a text nests deeper than allowed, before it is parsed: JSON.parse itself recurses. */
const tooDeep = (json: string): boolean => {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < json.length; index += 1) {
    const char = json[index];
    if (quoted) {
      if (char === '\\') index += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > deepest) return true;
    } else if (char === '}' || char === ']') depth -= 1;
  }
  return false;
};

const refuseNames = (name: string, value: unknown): unknown => {
  // Harmless here, but a plugin may merge what it gets.
  if (name === '__proto__') throw taskErrors.REQUEST_MALFORMED({ problem: 'the name "__proto__" is not allowed' });
  return value;
};

/** Parses a body; nothing is coerced, removed or filled in. An empty one is undefined. */
export const parseJson = (body: string): unknown => {
  if (body.trim() === '') return undefined;
  if (tooDeep(body)) throw taskErrors.REQUEST_MALFORMED({ problem: `it nests deeper than ${deepest} levels` });
  try {
    return JSON.parse(body, body.includes('__proto__') ? refuseNames : undefined);
  } catch (error) {
    if (error instanceof SyntaxError) throw taskErrors.REQUEST_MALFORMED({ problem: 'it is not JSON' });
    throw error;
  }
};
