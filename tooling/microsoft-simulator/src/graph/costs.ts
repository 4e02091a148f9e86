import type { EndpointName, Target } from '../http.ts';

/** Resource units of a request. Graph page: Throttling limits, resource unit cost per request and its modifiers. */
export const resourceUnits = (endpoint: EndpointName, target: Target): number => {
  if (endpoint === 'batch') return 0;
  const base = endpoint === 'users' ? 2 : endpoint === 'subscribedSkus' ? 3 : 1;
  const top = Number(target.query.get('$top') ?? Number.NaN);
  const cost =
    base -
    (target.query.has('$select') ? 1 : 0) +
    (target.query.has('$expand') ? 1 : 0) -
    (Number.isFinite(top) && top < 20 ? 1 : 0);
  return Math.max(1, cost);
};
