import type { SecureContext } from 'node:tls';
import type { AnyFaultParameters, FaultName } from '../../faults/table.ts';
import type { World } from '../../world.ts';
import type { MailProtocol } from '../access.ts';
import type { LineConnection } from './line-connection.ts';

/** What a session of any mail protocol is given. */
export interface SessionContext {
  readonly world: World;
  readonly protocol: MailProtocol;
  readonly connection: LineConnection;
  readonly tls: SecureContext;
  /** Shown in greetings and refusals, as Exchange names the server that answered. */
  readonly serverName: string;
}

export const strikes = (
  { world, protocol }: SessionContext,
  name: FaultName,
  tenantId?: string,
): AnyFaultParameters | undefined => world.faults.strike(name, { endpoint: protocol, tenantId });

/** Applies the faults that any mail server may have before an answer; false: the session is over. */
export const mayAnswer = async (context: SessionContext, tenantId?: string): Promise<boolean> => {
  const { connection } = context;
  if (strikes(context, 'mail-silent', tenantId) !== undefined) {
    // Silent until the client has enough.
    while ((await connection.line()) !== undefined);
    return false;
  }
  if (strikes(context, 'mail-connection-lost', tenantId) !== undefined) {
    connection.destroy();
    return false;
  }
  const slow = strikes(context, 'mail-slow', tenantId);
  if (slow !== undefined) await connection.pause(slow.milliseconds ?? 1_000);
  return true;
};
