import { isKnownError, type Problem, secretField } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { problemOf } from './credential-problem.ts';
import { importPfx } from './pfx.ts';

/** 512 KiB of file in base64. */
const maxFileText = 700_000;

/**
 * *Import PFX*: what a form sends in place of a credential. It is split at once and never stored as it came; the seeds'
 * two inputs go on refusing such a file (AUTH-05).
 */
export const pfxFields = Type.Object(
  {
    type: Type.Literal('pfx'),
    file: secretField(
      {
        title: { en: 'PFX file (base64)', de: 'PFX-Datei (Base64)' },
        description: {
          en: 'Is split into certificate and private key; the file itself is not kept.',
          de: 'Wird in Zertifikat und privaten Schlüssel zerlegt; die Datei selbst wird nicht aufbewahrt.',
        },
        widget: 'file',
        accept: ['.pfx', '.p12'],
      },
      { maxLength: maxFileText },
    ),
    password: Type.String({
      maxLength: 1000,
      ui: { title: { en: 'Password of the file', de: 'Passwort der Datei' }, widget: 'password' },
    }),
  },
  { additionalProperties: false },
);

const isPfx = Compile(pfxFields);

/** Splits a PFX input into a certificate credential; anything else is returned as it is. Never throws for a wrong file. */
export const preparePfx = async (
  credential: unknown,
  signal?: AbortSignal,
): Promise<{ readonly credential: unknown; readonly problems: readonly Problem[] }> => {
  if (!isPfx.Check(credential)) return { credential, problems: [] };
  try {
    const pair = await importPfx(Buffer.from(credential.file, 'base64'), credential.password, signal);
    const split = { type: 'certificate', certificate: pair.certificatePem, privateKey: pair.privateKeyPem };
    return { credential: split, problems: [] };
  } catch (error) {
    if (!isKnownError(error)) throw error;
    const path = error.code === 'PFX_PASSWORD_WRONG' ? '/password' : '/file';
    return { credential, problems: [problemOf(path, error)] };
  }
};
