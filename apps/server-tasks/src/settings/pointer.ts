/** A place in a JSON value, as steps: `['credential', 'privateKey']`. */
export type Path = readonly string[];

type Container = Record<string, unknown>;

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** RFC 6901. */
export const pointerOf = (path: Path): string =>
  path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** How secrets are bound and revealed by plugins: `credential.privateKey`; at the top `clientSecret`. */
export const fieldOf = (path: Path): string => path.join('.');

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, step) => (isContainer(inner) && Object.hasOwn(inner, step) ? inner[step] : undefined),
    value,
  );

/** A copy with another value at a place, or without it. Does nothing where the way there does not exist. */
export const withValue = (value: unknown, path: Path, next: unknown): unknown => {
  const [step, ...rest] = path;
  if (step === undefined) return next;
  if (!isContainer(value)) return value;
  const copy: Container = Array.isArray(value) ? Object.assign([], value) : { ...value };
  if (rest.length > 0) copy[step] = withValue(copy[step], rest, next);
  else if (next === undefined) delete copy[step];
  else copy[step] = next;
  return copy;
};
