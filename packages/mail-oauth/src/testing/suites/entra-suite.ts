import { aadstsRow, aadstsRows } from '@itsm-m365/graph-auth';
import type { TestStep } from '@itsm-m365/plugin-api';
import { describe, expect, it } from 'vitest';
import type { DiagnosisWorld } from '../diagnosis-world.ts';
import { type EntraProvocation, entraProvocations } from '../provocations/entra.ts';
import { tokenStep } from './token-step.ts';

const tells = (step: TestStep, number: number, { cause, remedy }: EntraProvocation): void => {
  const english = `${step.message?.en} ${step.remedy?.en}`;
  expect(english).toContain(cause);
  expect(english).toContain(remedy);
  const german = `${step.message?.de} ${step.remedy?.de}`;
  expect(german).toContain(aadstsRow(number)?.cause.de);
  expect(german).toContain(aadstsRow(number)?.remedy.de);
};

const numbered = entraProvocations.flatMap((one) => one.numbers.map((number) => [number, one] as const));

/** Every number of the tables comes from the token endpoint, to an application and to a person's sign-in. */
export const entraSuite = (world: () => DiagnosisWorld): void => {
  describe('a refusal of Entra in the test of an account', () => {
    it.each(numbered)('AADSTS%i to an application tells cause, remedy and who acts', async (number, provocation) => {
      const { code, acts, retried } = provocation;
      world().simulator.faults.enable('entra-refusal', { number });
      const { step, asked } = await tokenStep(world());
      expect(step).toMatchObject({
        outcome: 'failed',
        code,
        evidence: {
          acts,
          aadsts: `${number}`,
          retry: retried ? 'yes' : 'no',
          link: `https://login.microsoftonline.com/error?code=${number}`,
          correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          timestamp: expect.stringMatching(/^2026-01-15 /),
        },
      });
      tells(step, number, provocation);
      expect(asked > 1).toBe(retried === true);
    });

    let signedIn = false;
    it.each(numbered)(
      'AADSTS%i to a person’s sign-in tells the same, or that it has ended',
      async (number, provocation) => {
        const { code, acts, retried, ends } = provocation;
        // Signing in takes longer than all the rest.
        if (!signedIn) await world().signIn();
        signedIn = !ends;
        world().simulator.faults.enable('entra-refusal', { number });
        const { step, asked } = await tokenStep(world(), { application: 'delegated' });
        const own = number === 7000218 ? 'MAIL_REGISTERED_AS_WEB' : code;
        expect(step).toMatchObject({
          outcome: 'failed',
          code: ends ? 'MAIL_SIGN_IN_DEAD' : own,
          evidence: { acts, aadsts: `${number}`, retry: retried ? 'yes' : 'no' },
        });
        if (ends) expect(step.remedy?.en).toMatch(/^Sign in again for the account/);
        if (own === code) tells(step, number, provocation);
        else expect(step.message?.en).toContain('registered as "Web"');
        expect(asked > 1).toBe(retried === true);
      },
    );

    it('has a provocation for each number of the tables', () => {
      const all = numbered.map(([number]) => number);
      expect(new Set(all).size).toBe(all.length);
      expect(new Set(all)).toEqual(new Set(aadstsRows.flatMap(({ numbers }) => numbers)));
    });
  });
};
