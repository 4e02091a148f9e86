import { createReadStream } from 'node:fs';
import { isKnownError, type Services } from '@itsm-m365/plugin-api';
import { catalogueErrors } from '../errors.ts';
import { type ListedSku, parseSkuTitles } from './parse-titles.ts';

/** Where Microsoft publishes the list; linked from "Product names and service plan identifiers for licensing". */
export const skuListAddress =
  'https://download.microsoft.com/download/e/3/e/e3e9faf2-f28b-490a-9ada-c6089a1fc5b0/Product%20names%20and%20service%20plan%20identifiers%20for%20licensing.csv';

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer';

/** Redirects are not followed: the list has been at this address for years, and elsewhere it would not be Microsoft's. */
const fromMicrosoft = async (http: Services['http'], signal: AbortSignal): Promise<readonly ListedSku[]> => {
  const { origin, pathname, host } = new URL(skuListAddress);
  const { statusCode, body } = await http.request({ origin, path: pathname, method: 'GET', signal });
  if (statusCode === 200) return parseSkuTitles(body);
  await body.dump();
  throw catalogueErrors.SKU_LIST_UNREACHABLE({ place: host, reason: `HTTP ${statusCode}` });
};

/**
 * Reads the list from Microsoft or from a file on the server.
 *
 * @throws SKU_LIST_UNREACHABLE, SKU_LIST_INVALID; the signal's reason when it is aborted
 */
export const fetchSkuTitles = async (
  source: { readonly source: 'microsoft' | 'file'; readonly file: string },
  http: Services['http'],
  signal: AbortSignal,
): Promise<readonly ListedSku[]> => {
  try {
    if (source.source === 'microsoft') return await fromMicrosoft(http, signal);
    return await parseSkuTitles(createReadStream(source.file, { signal }));
  } catch (error) {
    signal.throwIfAborted();
    if (isKnownError(error, 'SKU_LIST_UNREACHABLE')) throw error;
    // A file that is there and a file that is not give the same error, so that the setting does not explore the disk.
    if (isKnownError(error) && source.source === 'microsoft') throw error;
    const place = source.source === 'file' ? 'the file' : 'download.microsoft.com';
    const reason = source.source === 'file' ? 'not the list, or not readable' : reasonOf(error);
    throw catalogueErrors.SKU_LIST_UNREACHABLE({ place, reason }, { cause: error });
  }
};
