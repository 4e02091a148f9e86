import type { AnyFaultParameters, RetryAfterFormat } from '../faults/table.ts';
import type { SimReply } from '../http.ts';
import { announce } from '../retry-after.ts';
import { serviceNow } from '../world.ts';
import { type GraphCall, graphError, ok, strike } from './call.ts';
import { pageOf } from './page-token.ts';

const proxyPage = (title: string): string =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>Company proxy</p></body></html>`;

const html = (status: number, title: string): SimReply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', via: '1.1 proxy.example.net' },
  body: proxyPage(title),
});

/** Faults that replace the answer of a whole request; `impose` makes the caller wait after a 429 and says how long. */
export const statusFault = (
  call: GraphCall,
  item: boolean,
  impose: (seconds: number, format: RetryAfterFormat) => Readonly<Record<string, string>>,
): SimReply | undefined => {
  if (call.world.faults.active().length === 0) return undefined;
  const page = pageOf(call.target);
  const tooMany = ({ retryAfterSeconds = 5, retryAfterFormat = 'integer' }: AnyFaultParameters): SimReply =>
    graphError(call, 429, 'TooManyRequests', 'Please retry again later.', {
      ...impose(retryAfterSeconds, retryAfterFormat),
      'x-ms-throttle-scope': `Tenant_Application/ReadWrite/${call.clientId}/${call.tenant.tenantId}`,
      'x-ms-throttle-information': 'CPULimitExceeded',
    });

  const many =
    strike(call, 'too-many-requests', page) ?? (item ? strike(call, 'batch-item-too-many-requests', page) : undefined);
  if (many !== undefined) return tooMany(many);
  const unavailable = strike(call, 'service-unavailable', page);
  if (unavailable !== undefined) {
    const { retryAfterSeconds, retryAfterFormat = 'integer' } = unavailable;
    const headers =
      retryAfterSeconds === undefined
        ? {}
        : announce(retryAfterSeconds, retryAfterFormat, serviceNow(call.world)).headers;
    return graphError(call, 503, 'serviceNotAvailable', 'The service is temporarily unavailable.', headers);
  }
  if (strike(call, 'internal-server-error', page)) return graphError(call, 500, 'UnknownError', '');
  if (strike(call, 'bad-gateway', page)) return graphError(call, 502, 'BadGateway', 'An upstream service failed.');
  if (strike(call, 'gateway-timeout', page)) return graphError(call, 504, 'UnknownError', 'The gateway timed out.');
  if (strike(call, 'token-refused', page)) {
    return graphError(call, 401, 'InvalidAuthenticationToken', 'The access token was refused.', {
      'www-authenticate': 'Bearer realm="", error="invalid_token"',
    });
  }
  if (strike(call, 'permission-refused', page)) {
    const message = 'Insufficient privileges to complete the operation.';
    return graphError(call, 403, 'Authorization_RequestDenied', message);
  }
  const emptyCode = strike(call, 'empty-error-code', page);
  if (emptyCode !== undefined) return graphError(call, emptyCode.status ?? 400, '', 'An error has occurred.');
  if (strike(call, 'error-none-body', page)) return ok('{"error":null}');
  if (item) return undefined;
  if (strike(call, 'proxy-page-ok', page)) return html(200, 'Welcome');
  if (strike(call, 'proxy-page-forbidden', page)) return html(403, 'Access denied');
  if (strike(call, 'proxy-page-bad-gateway', page)) return html(502, 'Bad gateway');
  if (call.endpoint === 'batch' && strike(call, 'batch-failed-dependency', page)) {
    return graphError(call, 424, 'FailedDependency', 'The batch failed because of a dependency.');
  }
  return undefined;
};
