import type { TSchema } from 'typebox';
import type { Endpoint } from './endpoint.ts';
import { ProblemShape } from './schemas.ts';

// Built here and not by @fastify/swagger: its decorator clashes with that of a host that uses it too.

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
}

const parameters = (place: 'path' | 'query', schema: TSchema | undefined): readonly object[] => {
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema;
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
};

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const failures = (endpoint: Endpoint): Readonly<Record<string, object>> => ({
  ...(endpoint.access === 'anyone'
    ? {}
    : { 401: problem('Nobody is signed in'), 403: problem('A permission is missing') }),
  ...(endpoint.params === undefined ? {} : { 404: problem('There is no such thing') }),
  ...(endpoint.method === 'GET' ? {} : { 409: problem('Somebody else was faster') }),
  ...(endpoint.body === undefined
    ? {}
    : { 413: problem('The body is too large'), 415: problem('The body is not JSON') }),
  ...(endpoint.body === undefined && endpoint.query === undefined ? {} : { 422: problem('Wrong fields, all of them') }),
  default: problem('Any other error, with code and remedy'),
});

const success = (endpoint: Endpoint): Readonly<Record<string, object>> => {
  if (endpoint.produces !== undefined)
    return { 200: { description: 'Done', content: { [endpoint.produces]: { schema: { type: 'string' } } } } };
  if (endpoint.response === undefined) return { 204: { description: 'Done' } };
  const content = { 'application/json': { schema: endpoint.response } };
  return { [endpoint.status ?? 200]: { description: 'Done', content } };
};

const operation = (endpoint: Endpoint): object => ({
  operationId: `${endpoint.method.toLowerCase()}${endpoint.path.replace(/[^a-zA-Z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())}`,
  summary: endpoint.summary,
  tags: [endpoint.tag],
  ...(typeof endpoint.access === 'string' ? {} : { 'x-permission': endpoint.access.id }),
  parameters: [...parameters('path', endpoint.params), ...parameters('query', endpoint.query)],
  ...(endpoint.body === undefined
    ? {}
    : { requestBody: { required: true, content: { 'application/json': { schema: endpoint.body } } } }),
  responses: { ...success(endpoint), ...failures(endpoint) },
});

/** The OpenAPI 3.1 document of the endpoints, below a prefix. TypeBox schemas are JSON Schema as they are. */
export const openApi = (endpoints: readonly Endpoint[], prefix: string): object => {
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'ITSM Microsoft 365', version: '1' },
    servers: [{ url: prefix === '' ? '/' : prefix }],
    paths,
    components: { schemas: { Problem: ProblemShape } },
  };
};
