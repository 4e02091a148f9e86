import { expect, test } from 'vitest';
import { createSimulator } from '../index.ts';
import { json } from '../testing/client.ts';
import { mime } from '../testing/mail.ts';

const simulator = createSimulator({ secret: 's', tenants: [{ users: 10 }] });
const help = 'help@contoso.example';

const control = (method: string, path: string, body?: unknown) =>
  simulator.handle({
    method,
    host: '127.0.0.1',
    target: `/_control${path}`,
    headers: {},
    body: body === undefined ? '' : JSON.stringify(body),
  });
const change = (body: unknown) => control('POST', '/tenants/0/mail', body);

test('another process adds mailboxes, delivers, moves, grants and looks', () => {
  expect(
    change({ do: 'add-mailbox', address: help, kind: 'shared', folders: ['Done'], settings: { pop: false } }).status,
  ).toBe(200);
  expect(json(change({ do: 'deliver', address: help, text: mime('Hello') }))).toMatchObject({ uid: 1 });
  expect(change({ do: 'grant-full-access', address: help, trustee: 'Ann@contoso.example' }).status).toBe(200);
  expect(
    change([
      { do: 'move-mailbox', address: help },
      { do: 'set-mailbox', address: help, settings: { imap: false } },
    ]).status,
  ).toBe(200);
  expect(JSON.parse(control('GET', '/truth/mailboxes').body)).toMatchObject([
    { address: help, kind: 'shared', settings: { pop: false, imap: false }, fullAccess: ['ann@contoso.example'] },
  ]);
  const [message] = JSON.parse(control('GET', `/truth/mailboxes/${help}/messages?folder=INBOX`).body) as {
    raw: string;
  }[];
  expect(Buffer.from(message?.raw ?? '', 'base64').toString()).toBe(mime('Hello'));
  expect(JSON.parse(control('GET', '/truth/outgoing').body)).toEqual([]);
});

test('complaints are answered as 400', () => {
  for (const body of [
    { do: 'dance' },
    { do: 'deliver', address: 'nobody@contoso.example', text: 'x' },
    { do: 'add-mailbox' },
    { do: 'set-mailbox', address: help, settings: { imap: 'no' } },
    { do: 'assign-application-role', appId: 'x', role: 'King', addresses: [] },
  ]) {
    expect(change(body).status).toBe(400);
  }
});
