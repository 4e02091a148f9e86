/** The value is nested deeper than allowed. */
export class DepthError extends Error {
  readonly code = 'JSON_TOO_DEEP';
}

/** Throws {@link DepthError} below the last level. `for in`, as it allocates nothing: a page has 30,000 values. */
const measure = (value: object, levels: number): void => {
  if (levels === 0) throw new DepthError('JSON is nested too deep');
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) measure(item, levels - 1);
    return;
  }
  const object: { readonly [key: string]: unknown } = value as { readonly [key: string]: unknown };
  for (const key in object) {
    const item = object[key];
    if (typeof item === 'object' && item !== null) measure(item, levels - 1);
  }
};

/**
 * Parses a JSON object of bounded depth. V8 parses any depth without recursion, so the bound is for whoever walks the
 * result. Undefined for any other JSON; throws for none.
 */
export const parseObject = (text: string, maxDepth: number): Readonly<Record<string, unknown>> | undefined => {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  measure(value, maxDepth);
  return value as Readonly<Record<string, unknown>>;
};
