import { assignedLicensesOf } from '../tenant/directory.ts';
import { holds, type UserRecord } from '../tenant/model.ts';
import { QueryProblem } from './call.ts';
import { endsWithProperties, type FilterValue, filterProperties } from './filter-properties.ts';
import { filterWords, type Word } from './filter-words.ts';

type Test = (user: UserRecord) => boolean;

export interface UserFilter {
  readonly matches: Test;
  /** Uses assignedLicenses/any: the combination known to lose its page token (graph-docs #7855). */
  readonly onLicences: boolean;
}

const unsupported = (what: string): QueryProblem =>
  new QueryProblem('Request_UnsupportedQuery', `Unsupported or invalid query filter clause specified for ${what}.`);

const compare = (operator: string, left: FilterValue, right: FilterValue): boolean => {
  const a = typeof left === 'string' ? left.toLowerCase() : left;
  const b = typeof right === 'string' ? right.toLowerCase() : right;
  if (operator === 'eq') return a === b;
  if (operator === 'ne') return a !== b;
  if (a === null || b === null) return false;
  if (operator === 'ge') return a >= b;
  if (operator === 'le') return a <= b;
  if (operator === 'gt') return a > b;
  return a < b;
};

const operators = new Set(['eq', 'ne', 'ge', 'le', 'gt', 'lt']);

/** Compiles $filter for users; an operator that needs an advanced query is refused unless this is one. */
export const compileFilter = (filter: string, advanced: boolean): UserFilter => {
  const words = filterWords(filter);
  let at = 0;
  let onLicences = false;

  const peek = (): Word | undefined => words[at];
  const isName = (value: string): boolean => peek()?.kind === 'name' && peek()?.value.toLowerCase() === value;
  const take = (kind?: Word['kind'], value?: string): Word => {
    const word = words[at];
    if (
      word === undefined ||
      (kind !== undefined && word.kind !== kind) ||
      (value !== undefined && word.value !== value)
    ) {
      throw new QueryProblem('BadRequest', `Invalid filter clause: syntax error at word ${at + 1}.`);
    }
    at += 1;
    return word;
  };
  const needAdvanced = (what: string): void => {
    if (!advanced) throw unsupported(what);
  };

  const literal = (): FilterValue => {
    const word = take();
    if (word.kind === 'text') return word.value;
    if (word.value === 'true' || word.value === 'false') return word.value === 'true';
    if (word.value === 'null') return null;
    if (/^\d{4}-\d\d-\d\dT/.test(word.value)) return Date.parse(word.value);
    if (/^-?\d+$/.test(word.value)) return Number(word.value);
    return word.value;
  };

  const propertyOf = (name: string, operator: string) => {
    const property = filterProperties.get(name.toLowerCase());
    if (property === undefined) throw unsupported(`property '${name}'`);
    if (!property.basic.has(operator)) needAdvanced(`property '${name}'`);
    return property;
  };

  const call = (name: string): Test => {
    take('sign', '(');
    const target = take('name').value;
    take('sign', ',');
    const wanted = String(literal()).toLowerCase();
    take('sign', ')');
    if (name === 'endswith' && !endsWithProperties.has(target.toLowerCase())) throw unsupported(`property '${target}'`);
    const { read } = propertyOf(target, name);
    return ({ facts }) => {
      const value = String(read(facts) ?? '').toLowerCase();
      return name === 'startswith' ? value.startsWith(wanted) : value.endsWith(wanted);
    };
  };

  /** `assignedLicenses/any(x:x/skuId eq …)`, which works without an advanced query. */
  const anyLicence = (): Test => {
    take('sign', '(');
    const lambda = /^(\w+):\1\/skuid$/i.exec(take('name').value);
    const operator = take('name').value.toLowerCase();
    const wanted = String(literal()).toLowerCase();
    take('sign', ')');
    if (lambda === null || operator !== 'eq') throw unsupported("property 'assignedLicenses'");
    onLicences = true;
    return ({ rows }) => rows.some((row) => row.sku.skuId === wanted && holds(row));
  };

  const licenceCount = (): Test => {
    const operator = take('name').value.toLowerCase();
    const wanted = literal();
    if (operator !== 'eq' && operator !== 'ne') throw unsupported("property 'assignedLicenses'");
    needAdvanced("property 'assignedLicenses'");
    return ({ rows }) => compare(operator, assignedLicensesOf(rows).length, wanted);
  };

  const membership = (name: string): Test => {
    take('sign', '(');
    const values = [literal()];
    while (peek()?.value === ',') {
      take('sign', ',');
      values.push(literal());
    }
    take('sign', ')');
    if (values.length > 15) throw new QueryProblem('Request_BadRequest', 'Too many child clauses in the filter.');
    const { read } = propertyOf(name, 'in');
    return ({ facts }) => values.some((value) => compare('eq', read(facts), value));
  };

  const comparison = (): Test => {
    const name = take('name').value;
    const lower = name.toLowerCase();
    if (lower === 'startswith' || lower === 'endswith') return call(lower);
    if (lower === 'assignedlicenses/any') return anyLicence();
    if (lower === 'assignedlicenses/$count') return licenceCount();
    const operator = take('name').value.toLowerCase();
    if (operator === 'in') return membership(name);
    if (!operators.has(operator))
      throw new QueryProblem('BadRequest', `Invalid filter clause: operator '${operator}'.`);
    const { read } = propertyOf(name, operator);
    const wanted = literal();
    return ({ facts }) => compare(operator, read(facts), wanted);
  };

  const factor = (): Test => {
    if (isName('not')) {
      take('name');
      needAdvanced("operator 'not'");
      const inner = factor();
      return (user) => !inner(user);
    }
    if (peek()?.value !== '(') return comparison();
    take('sign', '(');
    const inner = alternatives();
    take('sign', ')');
    return inner;
  };

  const conjunction = (): Test => {
    const parts = [factor()];
    while (isName('and')) {
      take('name');
      parts.push(factor());
    }
    return (user) => parts.every((part) => part(user));
  };

  const alternatives = (): Test => {
    const parts = [conjunction()];
    while (isName('or')) {
      take('name');
      parts.push(conjunction());
    }
    return (user) => parts.some((part) => part(user));
  };

  const matches = alternatives();
  if (peek() !== undefined) throw new QueryProblem('BadRequest', 'Invalid filter clause: syntax error at the end.');
  return { matches, onLicences };
};

/** Ids of `id eq 'a' or id eq 'b'`, the only filter delta takes (Graph page: user: delta); throws 400 otherwise. */
export const idFilter = (filter: string): readonly string[] => {
  const ids = filter.split(/\s+or\s+/i).map((part) => /^\(?\s*id\s+eq\s+'([^']+)'\s*\)?$/i.exec(part.trim())?.[1]);
  if (ids.some((id) => id === undefined) || ids.length > 50) {
    throw new QueryProblem('Request_UnsupportedQuery', 'Only id eq is supported, for at most 50 objects.');
  }
  return ids.filter((id) => id !== undefined).map((id) => id.toLowerCase());
};
