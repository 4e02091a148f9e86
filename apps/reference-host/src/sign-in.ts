import cookie from '@fastify/cookie';
import type { Actor } from '@itsm-m365/plugin-api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { hostErrors } from './errors.ts';
import type { Users } from './users.ts';

const cookieName = 'itsm_session';

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

const Credentials = Type.Object({ name: Text(200), password: Text(1000) }, { additionalProperties: false });
const FirstPassword = Type.Object(
  { token: Text(200), name: Text(200), password: Text(1000) },
  { additionalProperties: false },
);
const User = Type.Object(
  {
    name: Text(200),
    password: Text(1000),
    grants: Type.Array(
      Type.Object(
        {
          permission: Text(200),
          scope: Type.Optional(Type.Object({ type: Text(100), id: Text(100) }, { additionalProperties: false })),
        },
        { additionalProperties: false },
      ),
      { maxItems: 1000 },
    ),
  },
  { additionalProperties: false },
);

/** The session's token in a request: the cookie, or a bearer token for scripts. */
const sessionToken = (request: FastifyRequest): string | undefined => {
  const bearer = /^Bearer ([\w-]{20,200})$/.exec(request.headers.authorization ?? '')?.[1];
  return bearer ?? request.cookies[cookieName];
};

/** Who is signed in with a request; undefined for nobody. */
export const signedIn = async (users: Users, request: FastifyRequest): Promise<Actor | undefined> => {
  const token = sessionToken(request);
  return token === undefined ? undefined : users.actor(token);
};

/** Refuses what a foreign page could send with a signed-in browser's cookie: SameSite is one half, this is the other. */
const refuseForeignOrigin = (origin: string | undefined, own: ReadonlySet<string>): void => {
  if (origin !== undefined && !own.has(origin)) throw hostErrors.ORIGIN_REFUSED();
};

export interface SignInOptions {
  readonly users: Users;
  /** The addresses under which people reach this host. */
  readonly origins: () => ReadonlySet<string>;
  readonly secureCookie: boolean;
}

/** Sign-in, sign-out, first password and users of the reference host, under `/auth`. */
export const registerSignIn = async (
  app: FastifyInstance,
  { users, origins, secureCookie }: SignInOptions,
): Promise<void> => {
  await app.register(cookie);

  app.addHook('onRequest', async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') refuseForeignOrigin(request.headers.origin, origins());
  });

  const cookieOptions = { path: '/', httpOnly: true, sameSite: 'strict', secure: secureCookie } as const;

  app.post('/auth/sign-in', { schema: { body: Credentials } }, async (request, reply) => {
    const { name, password } = request.body as Static<typeof Credentials>;
    const token = await users.signIn(name, password);
    reply.setCookie(cookieName, token, cookieOptions);
    return { name };
  });

  app.post('/auth/first-password', { schema: { body: FirstPassword } }, async (request, reply) => {
    const input = request.body as Static<typeof FirstPassword>;
    reply.setCookie(cookieName, await users.setFirstPassword(input), cookieOptions);
    return { name: input.name };
  });

  app.post('/auth/sign-out', async (request, reply) => {
    const token = sessionToken(request);
    if (token !== undefined) await users.signOut(token);
    reply.clearCookie(cookieName, cookieOptions).status(204);
  });

  const administrator = async (request: FastifyRequest) => {
    const actor = await signedIn(users, request);
    if (actor === undefined) throw hostErrors.SIGN_IN_FAILED();
    return { actor, mayEditUsers: await users.allows(actor, 'reference-host.users.edit', undefined) };
  };

  app.get('/auth/me', async (request) => (await administrator(request)).actor);

  app.get('/auth/users', async (request, reply) => {
    if (!(await administrator(request)).mayEditUsers) return reply.status(403).send();
    return users.list();
  });

  app.put('/auth/users', { schema: { body: User } }, async (request, reply) => {
    if (!(await administrator(request)).mayEditUsers) return reply.status(403).send();
    return users.put(request.body as Static<typeof User>);
  });
};
