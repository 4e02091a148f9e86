import { type Peer, type ScriptedOptions, type ScriptedServer, scriptedServer } from './scripted-server.ts';

/** Answers by line; `<token>` stands for a long one. */
export type PopAnswers = Readonly<Record<string, string | Buffer>>;

/** A server content with all: two messages. */
export const contentPop: PopAnswers = {
  CAPA: '+OK\r\nUIDL\r\nSASL PLAIN XOAUTH2\r\n.\r\n',
  'AUTH XOAUTH2': '+ \r\n',
  '<token>': '+OK\r\n',
  STAT: '+OK 2 30\r\n',
  UIDL: '+OK\r\n1 a1\r\n2 b2\r\n.\r\n',
  LIST: '+OK\r\n1 10\r\n2 20\r\n.\r\n',
  'RETR 1': '+OK\r\nfirst\r\n..\r\n.\r\n',
  'RETR 2': '+OK\r\nsecond\r\n.\r\n',
  'DELE 1': '+OK\r\n',
  'DELE 2': '+OK\r\n',
  QUIT: '+OK\r\n',
};

/** Answers each line by the table; a long one is a token. Ends the connection at a line that is not in it. */
export const speakPop =
  (answers: PopAnswers, greeting = '+OK ready\r\n') =>
  async (peer: Peer): Promise<void> => {
    peer.send(greeting);
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
      const answer = answers[line.length > 60 ? '<token>' : line];
      if (answer === undefined) peer.socket.destroy();
      else peer.send(answer);
    }
  };

/** A POP server of scripted answers, for what no real one can be made to say. */
export const popScript = (answers: PopAnswers = {}, options?: ScriptedOptions): Promise<ScriptedServer> =>
  scriptedServer(speakPop({ ...contentPop, ...answers }), options);
