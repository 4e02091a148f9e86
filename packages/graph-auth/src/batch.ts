import type { KnownError } from '@itsm-m365/plugin-api';
import { graphErrors } from './errors.ts';
import type { Caller } from './graph-call.ts';
import { graphFaultOf, graphRefusal } from './graph-refusal.ts';
import type { BatchAnswer, BatchRequest, GraphObject, GraphOptions } from './graph-types.ts';
import { shownText } from './redact.ts';
import { budgetOf, retryAfterMs, waitBefore } from './retry.ts';

/** Most requests of one batch (Graph page "JSON batching"). */
export const maxBatch = 20;

/** 424 occurs where the batch as a whole was throttled, though another page says 200. */
const transient = [424, 429, 500, 502, 503, 504];

interface Item {
  readonly id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: GraphObject;
}

const isObject = (value: unknown): value is GraphObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const longestHeader = 1000;

const isStatus = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 100 && value < 600;

const itemOf = (value: unknown): Item | undefined => {
  if (!isObject(value) || typeof value.id !== 'string' || !isStatus(value.status)) return undefined;
  const headers = isObject(value.headers)
    ? Object.entries(value.headers)
        .filter(([, content]) => typeof content === 'string' || typeof content === 'number')
        .map(([name, content]) => [name.toLowerCase(), shownText(String(content), longestHeader)])
    : [];
  const body = isObject(value.body) ? value.body : {};
  return { id: value.id, status: value.status, headers: Object.fromEntries(headers), body };
};

const check = (requests: readonly BatchRequest[]): void => {
  const ids = new Set(requests.map(({ id }) => id.toLowerCase()));
  const reason =
    requests.length === 0 || requests.length > maxBatch
      ? `${requests.length} requests`
      : ids.size !== requests.length
        ? 'an id occurs twice'
        : requests.some(({ url }) => !url.startsWith('/') || url.startsWith('//'))
          ? 'an address is not relative'
          : undefined;
  if (reason !== undefined) throw graphErrors.GRAPH_BATCH_INVALID({ class: 'local', reason });
};

const answerOf = (item: Item, error?: KnownError): BatchAnswer => {
  const nextLink = item.body['@odata.nextLink'];
  return {
    id: item.id,
    status: item.status,
    body: item.body,
    ...(typeof nextLink === 'string' ? { nextLink } : {}),
    ...(error === undefined ? {} : { error }),
  };
};

/** Sends a batch, and those of its items that passing trouble hit once more, until all have an answer or time is up. */
export const sendBatch = async (
  caller: Caller,
  requests: readonly BatchRequest[],
  options: GraphOptions,
  tools: Parameters<typeof budgetOf>[0],
  random: Parameters<typeof waitBefore>[3],
): Promise<ReadonlyMap<string, BatchAnswer>> => {
  check(requests);
  const { limits } = caller;
  const budget = budgetOf(tools, limits);
  const answers = new Map<string, BatchAnswer>();
  let open = [...requests];
  for (let round = 1; open.length > 0; round += 1) {
    const { body, requestId } = await caller.call({
      method: 'POST',
      path: '/v1.0/$batch',
      headers: options.headers ?? {},
      body: JSON.stringify({
        requests: open.map(({ id, url, headers }) => ({
          id,
          method: 'GET',
          url,
          ...(headers === undefined ? {} : { headers }),
        })),
      }),
      signal: options.signal,
    });
    const items = new Map(
      (Array.isArray(body.responses) ? body.responses : [])
        .map(itemOf)
        .filter((item) => item !== undefined)
        .map((item) => [item.id, item]),
    );
    const again: { readonly request: BatchRequest; readonly failed: BatchAnswer }[] = [];
    let asked: number | undefined;
    for (const request of open) {
      const item = items.get(request.id);
      if (item === undefined)
        throw graphErrors.GRAPH_REPLY_UNREADABLE({
          class: 'local',
          host: caller.cloud.graphHost,
          cause: 'a batch item without an answer',
          requestId,
        });
      if (item.status < 300) {
        answers.set(request.id, answerOf(item));
        continue;
      }
      const fault = graphFaultOf(item.body) ?? { code: '', message: '', codes: [] };
      const error = graphRefusal(fault, {
        status: item.status,
        path: request.url.split('?', 1)[0] ?? '',
        requestId: item.headers['request-id'] ?? fault.requestId ?? requestId,
        clientRequestId: item.headers['client-request-id'] ?? '-',
        attempts: round,
        limit: Math.round(limits.totalMs / 1000),
      });
      const failed = answerOf(item, error);
      if (!transient.includes(item.status)) {
        answers.set(request.id, failed);
        continue;
      }
      again.push({ request, failed });
      const wait = retryAfterMs(item.headers, tools.now());
      asked = wait === undefined ? asked : Math.max(asked ?? 0, wait);
    }
    const wait = waitBefore(round, asked, limits, random);
    const onlyThrottled = again.every(({ failed }) => failed.status === 429 || failed.status === 424);
    if (!budget.allows(wait) || (round >= limits.attempts && !onlyThrottled)) {
      for (const { request, failed } of again) answers.set(request.id, failed);
      return answers;
    }
    open = again.map(({ request }) => request);
    if (open.length === 0) continue;
    caller.countRetries(1);
    await caller.pause(wait, options.signal);
  }
  return answers;
};
