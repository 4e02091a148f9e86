import { describe, expect, it } from 'vitest';
import { defineErrors, errorKinds, isKnownError, KnownError } from './errors.ts';

const errors = defineErrors({
  DOOR_LOCKED: {
    kind: 'configuration',
    message: { en: 'Door {door} is locked.', de: 'Tür {door} ist abgeschlossen.' },
    remedy: { en: 'Take the key of {door}.', de: 'Den Schlüssel von {door} nehmen.' },
  },
  ROOM_GONE: {
    kind: 'conflict',
    status: 404,
    message: { en: 'The room is gone.', de: 'Der Raum ist weg.' },
    remedy: { en: 'Look elsewhere.', de: 'Woanders suchen.' },
  },
});

describe('error catalogue', () => {
  it('fills message and remedy in both languages', () => {
    const error = errors.DOOR_LOCKED({ door: 'A' });
    expect(error.message).toBe('Door A is locked.');
    expect(error.text('de')).toBe('Tür A ist abgeschlossen.');
    expect(error.remedy('de')).toBe('Den Schlüssel von A nehmen.');
  });

  it('takes the HTTP status of its kind, or its own', () => {
    expect(errors.DOOR_LOCKED({ door: 'A' }).status).toBe(errorKinds.configuration.status);
    expect(errors.ROOM_GONE().status).toBe(404);
  });

  it('keeps the cause', () => {
    const cause = new Error('rust');
    expect(errors.ROOM_GONE({}, { cause }).cause).toBe(cause);
  });

  it('is told by name and code, so that two copies of the package agree', () => {
    class KnownErrorOfAnotherCopy extends Error {
      override readonly name = 'KnownError';
      readonly code = 'ROOM_GONE';
      readonly kind = 'conflict';
    }
    expect(isKnownError(new KnownErrorOfAnotherCopy(), 'ROOM_GONE')).toBe(true);
    expect(isKnownError(errors.ROOM_GONE(), 'DOOR_LOCKED')).toBe(false);
    expect(isKnownError(new Error('ROOM_GONE'))).toBe(false);
    expect(errors.ROOM_GONE()).toBeInstanceOf(KnownError);
  });
});
