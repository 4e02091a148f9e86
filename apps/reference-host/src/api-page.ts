import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { signedIn } from './sign-in.ts';
import type { Users } from './users.ts';

/** The OpenAPI page under `/docs`, for who is signed in. It shows the document that the plugins make of themselves. */
export const registerApiPage = async (app: FastifyInstance, users: Users): Promise<void> => {
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if ((await signedIn(users, request)) === undefined) return reply.redirect('/', 302);
      // The page's library insists on a document of its own: its place leads to the one that the plugins make.
      if (request.routeOptions.url === '/docs/json') return reply.redirect('/itsm/openapi.json', 302);
    });
    const document = { openapi: '3.1.0', info: { title: 'itsm-m365', version: '1' }, paths: {} } as const;
    await scope.register(swagger, { mode: 'static', specification: { document } });
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      // The library's own policy would upgrade every request to HTTPS, which a host on loopback does not speak.
      staticCSP:
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'self'",
      uiConfig: { docExpansion: 'list', tryItOutEnabled: true },
    });
  });
};
