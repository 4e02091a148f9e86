import type { GraphClient } from '@itsm-m365/graph-auth';
import type { SubscriptionReading } from '@itsm-m365/licence-catalog';
import { isKnownError } from '@itsm-m365/plugin-api';
import { decodeSkus, decodeSubscription, type SubscribedSku } from './decode/skus.ts';
import { type Defects, unreadable } from './decode/values.ts';

/** What a tenant has bought, as it answered: decoded for the import, raw as evidence. */
export interface LicenceAnswers {
  readonly skus: readonly SubscribedSku[];
  /** Undefined: the application may not read them. */
  readonly subscriptions: readonly SubscriptionReading[] | undefined;
  readonly raw: { readonly skus: readonly unknown[]; readonly subscriptions: readonly unknown[] | undefined };
}

const limit = 100_000;

const readAll = async (graph: GraphClient, path: string, resource: string, signal: AbortSignal): Promise<unknown[]> => {
  const all: unknown[] = [];
  for await (const page of graph.pages(path, { signal })) {
    for (const entry of page.value) all.push(entry);
    if (all.length > limit) return unreadable(resource, 'value', `at most ${limit} entries`);
  }
  return all;
};

/**
 * Reads SKUs and their purchases, one request each. Without the right to read purchases the import goes on: they only
 * refine the seats. Throws what Graph throws, and `IMPORT_OBJECT_UNREADABLE`.
 */
export const loadLicences = async (
  graph: GraphClient,
  defects: Defects,
  signal: AbortSignal,
): Promise<LicenceAnswers> => {
  const skus = await readAll(graph, '/subscribedSkus', 'subscribedSku', signal);
  const subscriptions = await readAll(graph, '/directory/subscriptions', 'companySubscription', signal).catch(
    (error: unknown) => {
      if (isKnownError(error, 'GRAPH_PERMISSION_MISSING')) return undefined;
      throw error;
    },
  );
  return {
    skus: decodeSkus(skus, defects),
    subscriptions: subscriptions?.map((entry) => decodeSubscription(entry, defects)),
    raw: { skus, subscriptions },
  };
};
