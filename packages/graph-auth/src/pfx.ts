import { Worker } from 'node:worker_threads';
import type { CertificateCredential } from './credential.ts';
import { largestIteration, looksLikePfx } from './der.ts';
import { graphErrors } from './errors.ts';

const maxBytes = 256 * 1024;
/** Windows writes 2,000 rounds, OpenSSL 2,048; administrators have been seen to choose 600,000. */
const maxIterations = 1_000_000;
const maxMs = 15_000;

type Answer = { readonly failure: string } | { readonly certificatePem: string; readonly privateKeyPem: string };

const answerOf = (value: unknown): Answer => {
  const fields = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  const certificatePem = fields.get('certificatePem');
  const privateKeyPem = fields.get('privateKeyPem');
  return typeof certificatePem === 'string' && typeof privateKeyPem === 'string'
    ? { certificatePem, privateKeyPem }
    : { failure: String(fields.get('failure')) };
};

const split = (bytes: Buffer, password: string, signal: AbortSignal | undefined): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./pfx-worker.js', import.meta.url), {
      workerData: { bytes: new Uint8Array(bytes), password },
      resourceLimits: { maxOldGenerationSizeMb: 128 },
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      void worker.terminate();
      settle();
    };
    const onAbort = () => end(() => reject(signal?.reason));
    // The machine's timer: it guards a thread, which knows no other time. Also the bound where BER hides the iterations.
    const timer = setTimeout(() => end(() => resolve({ failure: 'expensive' })), maxMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    worker.once('message', (value: unknown) => end(() => resolve(answerOf(value))));
    worker.once('error', () => end(() => resolve({ failure: 'unreadable' })));
    worker.once('exit', () => end(() => resolve({ failure: 'unreadable' })));
  });

/**
 * Splits a PKCS#12 file into certificate and private key: an action of its own beyond the seeds, which refuse such files
 * (AUTH-05). Works in a thread of its own, bounded in size, iterations and time (15 s); `signal` ends it at once. Throws
 * `PFX_UNREADABLE`, `PFX_PASSWORD_WRONG`, `PFX_TOO_EXPENSIVE` and `PFX_INCOMPLETE`. The file and its password are not kept.
 */
export const importPfx = async (
  bytes: Buffer,
  password: string,
  signal?: AbortSignal,
): Promise<Pick<CertificateCredential, 'type' | 'certificatePem' | 'privateKeyPem'>> => {
  signal?.throwIfAborted();
  if (bytes.length > maxBytes || !looksLikePfx(bytes)) throw graphErrors.PFX_UNREADABLE({ class: 'local' });
  const expensive = () => graphErrors.PFX_TOO_EXPENSIVE({ class: 'local', iterations: maxIterations });
  if (largestIteration(bytes) > maxIterations) throw expensive();
  const answer = await split(bytes, password, signal);
  if (!('failure' in answer)) return { type: 'certificate', ...answer };
  if (answer.failure === 'expensive') throw expensive();
  if (answer.failure === 'password') throw graphErrors.PFX_PASSWORD_WRONG({ class: 'local' });
  if (answer.failure === 'incomplete') throw graphErrors.PFX_INCOMPLETE({ class: 'local' });
  throw graphErrors.PFX_UNREADABLE({ class: 'local' });
};
