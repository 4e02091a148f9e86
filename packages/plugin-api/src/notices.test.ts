import { describe, expect, it } from 'vitest';
import { defineErrors } from './errors.ts';
import { defineNotices, noticeOf } from './notices.ts';

describe('notices', () => {
  it('carry their texts, so that an old report reads the same after an update', () => {
    const notices = defineNotices({
      SEATS_LOW: {
        severity: 'warning',
        message: { en: '{left} seats left.', de: 'Noch {left} Plätze.' },
        remedy: { en: 'Buy more.', de: 'Mehr kaufen.' },
      },
    });
    expect(notices.SEATS_LOW({ left: 2 }, { type: 'product', id: 'p' })).toEqual({
      code: 'SEATS_LOW',
      severity: 'warning',
      message: { en: '2 seats left.', de: 'Noch 2 Plätze.' },
      remedy: { en: 'Buy more.', de: 'Mehr kaufen.' },
      subject: { type: 'product', id: 'p' },
      details: { left: 2 },
    });
  });

  it('tell of an error whether trying again can help', () => {
    const errors = defineErrors({
      LINE_DOWN: { kind: 'network', message: { en: 'Down.', de: 'Weg.' }, remedy: { en: 'Wait.', de: 'Warten.' } },
    });
    expect(noticeOf(errors.LINE_DOWN()).details).toEqual({ retry: 'yes' });
  });
});
