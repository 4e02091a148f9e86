import { createServer } from 'node:http';
import { simulatorDispatcher } from '@itsm-m365/microsoft-simulator';
import { Dispatcher } from 'undici';

/** How a proxy or service in the middle repeats what it was sent: as Microsoft's error, as a page, as a success. */
export type EchoMode = 'error' | 'page' | 'success';

const answers: Readonly<Record<EchoMode, (heard: string) => readonly [number, string, string]>> = {
  error: (heard) => [
    400,
    'application/json',
    JSON.stringify({
      error: 'invalid_client',
      error_description: `AADSTS7000215: Invalid client secret provided: ${heard}`,
      error_codes: [7000215],
    }),
  ],
  page: (heard) => [403, 'text/html', `<html><body><h1>Blocked</h1><pre>${heard}</pre></body></html>`],
  success: (heard) => [200, 'text/html', `<html><title>${heard}</title></html>`],
};

/** Repeats every request, headers and body, in its answer. */
export const startEcho = async () => {
  let mode: EchoMode = 'error';
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString('utf8');
    });
    request.on('end', () => {
      const said = `${request.method} ${request.url} ${JSON.stringify(request.headers)} ${body} ${decodeURIComponent(body)}`;
      const [status, type, text] = answers[mode](said);
      heard.push(said);
      response.writeHead(status, { 'content-type': type }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    http: simulatorDispatcher(url),
    /** What was repeated so far. */
    heard: (): readonly string[] => heard,
    repeat(next: EchoMode) {
      mode = next;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** Sends each request where the test says at that moment. */
export class Points extends Dispatcher {
  readonly #choose: (origin: string) => Dispatcher;

  constructor(choose: (origin: string) => Dispatcher) {
    super();
    this.#choose = choose;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#choose(String(options.origin ?? '')).dispatch(options, handler);
  }
}
