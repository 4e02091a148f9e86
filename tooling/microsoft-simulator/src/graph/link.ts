import { baseUrl, type GraphCall, strike } from './call.ts';

/** Builds a next or delta link: the options first, as the client wrote them, the token last. */
export const link = (call: GraphCall, path: string, options: readonly (readonly [string, string])[]): string => {
  const query = options.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${baseUrl(call)}${path}?${query}`;
};

/** Applies the faults that falsify a next link. */
export const falsified = (call: GraphCall, next: string, current: string, page: number): string => {
  const foreign = strike(call, 'foreign-next-link', page);
  if (foreign !== undefined) return next.replace(call.cloud.graphHost, foreign.host ?? 'graph.example.net');
  return strike(call, 'page-loop', page) === undefined ? next : current;
};
