import type { Text } from '@itsm-m365/plugin-api';
import { Type } from 'typebox';

export const text = (en: string, de: string): Text => ({ en, de });

/** A mail address, or nothing where it is not required. */
export const addressField = (title: Text, description: Text, group: string, order: number, required = false) =>
  Type.String({ minLength: required ? 3 : 0, maxLength: 320, ui: { title, description, group, order } });
