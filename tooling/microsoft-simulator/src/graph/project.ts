import { QueryProblem } from './call.ts';

/** Keeps the selected properties of one flat object; an unknown name is refused. */
export const project = (
  entries: readonly Readonly<Record<string, unknown>>[],
  select: string | undefined,
  properties: readonly string[],
  type: string,
): readonly unknown[] => {
  if (select === undefined) return entries;
  const wanted = select.split(',').map((name) => {
    const known = properties.find((property) => property.toLowerCase() === name.trim().toLowerCase());
    if (known !== undefined) return known;
    const message = `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`;
    throw new QueryProblem('BadRequest', message);
  });
  return entries.map((entry) => Object.fromEntries(wanted.filter((name) => name in entry).map((n) => [n, entry[n]])));
};
