import type { EndpointName } from '@itsm-m365/microsoft-simulator';
import type { Known } from './catalogue-state.ts';

export interface Evidence {
  readonly after: Known;
  readonly truth: Known;
  readonly rewritten: readonly { readonly endpoint: EndpointName; readonly before: string; readonly after: string }[];
  /** Persons that changed in the tenant since the last import. */
  readonly changed: ReadonlySet<string>;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const entriesOf = (text: string, name: string): readonly unknown[] => {
  const root = parsed(text);
  const list = isFields(root) ? root[name] : undefined;
  return Array.isArray(list) ? list : [];
};

const lower = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : '');
const isGuid = (value: unknown): boolean =>
  typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);

/** Users as an answer has them: of a listing, or the bodies of a batch. A 404 is there as a user who holds nothing. */
const usersIn = (endpoint: EndpointName, text: string): readonly Fields[] => {
  if (endpoint === 'users') return entriesOf(text, 'value').filter(isFields);
  return entriesOf(text, 'responses')
    .filter(isFields)
    .flatMap(({ id, status, body }) =>
      status === 404 ? [{ id, assignedLicenses: [] }] : isFields(body) ? [body] : [],
    );
};

/** Whether an answer says in so many words that a user does not hold a SKU. Garbage says nothing. */
const denies = (user: Fields, sku: string): boolean =>
  Array.isArray(user.assignedLicenses) &&
  user.assignedLicenses.every((row) => isFields(row) && isGuid(row.skuId) && lower(row.skuId) !== sku);

const changedEntries = (before: readonly Fields[], after: readonly Fields[], key: string): ReadonlySet<string> => {
  const count = (entries: readonly Fields[], id: string): string =>
    [...new Set(entries.filter((entry) => lower(entry[key]) === id).map((entry) => JSON.stringify(entry)))]
      .sort()
      .join();
  const ids = new Set([...before, ...after].map((entry) => lower(entry[key])));
  return new Set([...ids].filter((id) => count(before, id) !== count(after, id)));
};

const unitNames = ['enabled', 'warning', 'suspended', 'lockedOut'] as const;

const unitProblems = (sku: string, entry: Fields, ours: readonly number[], truth: readonly number[]): string[] => {
  const prepaid = isFields(entry.prepaidUnits) ? entry.prepaidUnits : {};
  const said: readonly unknown[] = [...unitNames.map((name) => prepaid[name]), entry.consumedUnits];
  return said.flatMap((value, index) => {
    const expected = Number.isInteger(value)
      ? value
      : index === 3 && (value ?? undefined) === undefined
        ? 0
        : truth[index];
    // -0 is 0.
    return Number(ours[index]) === Number(expected)
      ? []
      : [`${sku} has ${ours.join()} although ${String(value)} was said`];
  });
};

/**
 * What a successful import stored against what it was told: everything that no answer garbled is the truth, nothing ended
 * that no answer denied, no number came from garbage.
 */
export const contradictions = ({ after, truth, rewritten, changed }: Evidence): string[] => {
  const problems: string[] = [];
  const answers = (...names: readonly EndpointName[]) => rewritten.filter(({ endpoint }) => names.includes(endpoint));
  const skuAnswer = answers('subscribedSkus').at(-1);
  const skusBefore = entriesOf(skuAnswer?.before ?? '', 'value').filter(isFields);
  const skusAfter = entriesOf(skuAnswer?.after ?? '', 'value').filter(isFields);
  const touchedSkus = changedEntries(skusBefore, skusAfter, 'skuId');
  const listing = answers('users', 'batch').filter(
    ({ before }) => !/displayName/.test(before) || /assignedLicenses/.test(before),
  );
  const last = listing.at(-1);
  const usersBefore = last === undefined ? [] : usersIn(last.endpoint, last.before);
  const usersAfter = last === undefined ? [] : usersIn(last.endpoint, last.after);
  const touched = new Set(changedEntries(usersBefore, usersAfter, 'id'));
  const deltas = answers('users-delta')
    .flatMap((one) => entriesOf(one.after, 'value'))
    .filter(isFields);
  // A delta may keep quiet about who changed, or tell of somebody whom the batch then brings.
  if (answers('users-delta').length > 0) for (const id of changed) touched.add(id);
  const removed = new Set(deltas.filter((entry) => isFields(entry['@removed'])).map((entry) => lower(entry.id)));

  const skuStays = (sku: string): boolean =>
    !touchedSkus.has(sku) ||
    skusAfter.some((entry) => lower(entry.skuId) === sku && lower(entry.capabilityStatus) !== 'deleted');
  const mayEnd = (person: string, sku: string): boolean => {
    if (!skuStays(sku) || removed.has(person)) return true;
    if (!touched.has(person)) return false;
    if (last === undefined) return changed.has(person);
    const shown = usersAfter.filter((user) => lower(user.id) === person);
    return shown.length === 0 || shown.some((user) => denies(user, sku));
  };
  for (const [person, skus] of truth.held) {
    for (const sku of skus)
      if (after.held.get(person)?.has(sku) !== true && !mayEnd(person, sku))
        problems.push(`${person} lost ${sku}, which no answer denied`);
    if (touched.has(person) || removed.has(person)) continue;
    for (const sku of after.held.get(person) ?? [])
      if (!skus.has(sku) && skuStays(sku)) problems.push(`${person} got ${sku}, which no answer said`);
    if (touchedSkus.size === 0 && (after.paths.get(person) ?? '') !== (truth.paths.get(person) ?? ''))
      problems.push(`${person}: ${after.paths.get(person)} instead of ${truth.paths.get(person)}`);
    const fact = after.facts.get(person);
    if (fact !== undefined && fact !== truth.facts.get(person))
      problems.push(`${person}: ${fact} instead of ${truth.facts.get(person)}`);
  }
  for (const [sku, units] of truth.units) {
    const ours = after.units.get(sku);
    const entry = skusAfter.find((one) => lower(one.skuId) === sku);
    if (!touchedSkus.has(sku)) {
      if (JSON.stringify(ours) !== JSON.stringify(units))
        problems.push(`${sku} has ${ours?.join()} instead of ${units.join()}`);
    } else if (entry !== undefined && skuStays(sku) && ours !== undefined)
      problems.push(...unitProblems(sku, entry, ours, units));
  }
  return problems;
};
