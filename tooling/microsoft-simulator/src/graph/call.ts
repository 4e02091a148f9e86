import type { Cloud } from '../clouds.ts';
import type { AnyFaultParameters, FaultName } from '../faults/table.ts';
import type { EndpointName, SimReply, SimRequest, Target } from '../http.ts';
import type { SimulatorTenant } from '../tenant/tenant.ts';
import { serviceNow, type World } from '../world.ts';

/** One authenticated request to Graph, alone or as an item of a batch. */
export interface GraphCall {
  readonly world: World;
  readonly endpoint: EndpointName;
  readonly cloud: Cloud;
  readonly tenant: SimulatorTenant;
  readonly clientId: string;
  readonly roles: ReadonlySet<string>;
  /** Of a delegated token; undefined where the app calls as itself. */
  readonly user?: { readonly id: string; readonly upn: string };
  /** Delegated permissions; empty where the app calls as itself. */
  readonly scopes: ReadonlySet<string>;
  readonly method: string;
  readonly target: Target;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly onFinished?: SimRequest['onFinished'];
  readonly requestId: string;
  /** The same $skiptoken was asked for before; known only while the fault `page-token-not-found` is on. */
  readonly repeated: boolean;
}

export const baseUrl = (call: GraphCall): string => `https://${call.cloud.graphHost}/v1.0`;

export const strike = (call: GraphCall, name: FaultName, page = 0): AnyFaultParameters | undefined =>
  call.world.faults.strike(name, { endpoint: call.endpoint, tenantId: call.tenant.tenantId, page });

export const isAdvanced = (call: GraphCall): boolean => call.headers.consistencylevel?.toLowerCase() === 'eventual';

/** Error body of Graph. Graph page: Microsoft Graph error responses and resource types. */
export const errorBody = (
  world: World,
  code: string,
  message: string,
  requestId: string,
  clientRequestId: string | undefined,
): string =>
  JSON.stringify({
    error: {
      code,
      message,
      innerError: {
        date: new Date(serviceNow(world)).toISOString().slice(0, 19),
        'request-id': requestId,
        'client-request-id': clientRequestId ?? requestId,
      },
    },
  });

export const graphError = (
  call: GraphCall,
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): SimReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: errorBody(call.world, code, message, call.requestId, call.headers['client-request-id']),
});

export const odataContentType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

export const ok = (body: string, contentType = odataContentType): SimReply => ({
  status: 200,
  headers: { 'content-type': contentType, 'odata-version': '4.0' },
  body,
});

/** Thrown by readers of query options, caught where the call is answered. */
export class QueryProblem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
