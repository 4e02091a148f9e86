import type { EndpointName, SimReply, SimRequest } from '../http.ts';
import { type GraphCall, ok, QueryProblem } from './call.ts';

// Graph page: Combine multiple HTTP requests using JSON batching.
const itemLimit = 20;

interface BatchItem {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dependsOn: readonly string[];
  readonly body: string;
}

type Run = (request: SimRequest) => { readonly endpoint: EndpointName; readonly reply: SimReply };

const bad = (message: string): QueryProblem => new QueryProblem('BadRequest', message);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readItem = (value: unknown): BatchItem => {
  if (!isRecord(value)) throw bad('Invalid batch payload format.');
  const { id, method, url, headers, dependsOn, body } = value;
  if (typeof id !== 'string' || id === '' || typeof method !== 'string' || typeof url !== 'string') {
    throw bad('Each request of a batch needs id, method and url.');
  }
  if (/^[a-z]+:\/\//i.test(url)) throw bad(`The url of request '${id}' must be relative.`);
  const names = Object.entries(isRecord(headers) ? headers : {});
  return {
    id,
    method: method.toUpperCase(),
    url,
    headers: Object.fromEntries(names.map(([name, text]) => [name.toLowerCase(), String(text)])),
    dependsOn: Array.isArray(dependsOn) ? dependsOn.map(String) : [],
    body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
  };
};

const readItems = (body: string): readonly BatchItem[] => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw bad('The batch is not JSON.');
  }
  if (!isRecord(parsed) || !Array.isArray(parsed.requests)) throw bad('Invalid batch payload format.');
  if (parsed.requests.length > itemLimit) throw bad(`A batch has at most ${itemLimit} requests.`);
  const items = parsed.requests.map(readItem);
  const ids = new Set(items.map((item) => item.id.toLowerCase()));
  if (ids.size !== items.length) throw bad('The ids of the requests of a batch must be unique.');
  for (const item of items) {
    const unknown = item.dependsOn.find((id) => !ids.has(id.toLowerCase()));
    if (unknown !== undefined) throw bad(`Request '${item.id}' depends on '${unknown}', which is not in the batch.`);
  }
  return items;
};

const failedDependency: SimReply = {
  status: 424,
  headers: { 'content-type': 'application/json' },
  body: '{"error":{"code":"FailedDependency","message":"A request this one depends on has failed."}}',
};

const display = (name: string): string =>
  name.startsWith('x-ms') ? name : name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

const write = (item: BatchItem, reply: SimReply): string => {
  const headers = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [display(name), value]));
  const json = reply.headers['content-type']?.includes('json') ?? false;
  const body = json ? reply.body : JSON.stringify(reply.body);
  return `{"id":${JSON.stringify(item.id)},"status":${reply.status},"headers":${JSON.stringify(headers)},"body":${body}}`;
};

/** Runs the items, each metered and refused on its own; the answers come back in no particular order. */
export const runBatch = (call: GraphCall, body: string, run: Run): SimReply => {
  const items = readItems(body);
  const statuses = new Map<string, number>();
  const answers = items.map((item) => {
    const blocked = item.dependsOn.some((id) => (statuses.get(id.toLowerCase()) ?? 424) >= 400);
    const request: SimRequest = {
      method: item.method,
      host: call.cloud.graphHost,
      target: `/v1.0${item.url.startsWith('/') ? '' : '/'}${item.url}`,
      headers: {
        authorization: call.headers.authorization,
        'client-request-id': call.headers['client-request-id'],
        ...item.headers,
      },
      body: item.body,
    };
    const { endpoint, reply } = blocked ? { endpoint: 'unknown' as const, reply: failedDependency } : run(request);
    statuses.set(item.id.toLowerCase(), reply.status);
    call.world.statistics.countItem(endpoint, reply.status);
    return write(item, reply);
  });
  for (let at = answers.length - 1; at > 0; at -= 1) {
    const other = Math.floor(call.world.random() * (at + 1));
    const [here, there] = [answers[at], answers[other]];
    if (here !== undefined && there !== undefined) [answers[at], answers[other]] = [there, here];
  }
  return ok(`{"responses":[${answers.join(',')}]}`, 'application/json');
};
