import { describe, expect, it } from 'vitest';
import { boundaries } from '../testing/boundaries.ts';
import { type Check, laws } from '../testing/laws.ts';
import { plantedFaults } from '../testing/planted-faults.ts';
import { type Evaluate, evaluateProduct } from './evaluate.ts';

/** The same checks judge the engine and the planted faults. */
const failing = (evaluate: Evaluate): Check | undefined =>
  [...boundaries, ...laws].find(({ check }) => {
    try {
      check(evaluate);
      return false;
    } catch {
      return true;
    }
  });

describe('the laws of the engine', () => {
  for (const { name, check } of laws) it(`COMP-01: ${name}`, () => check(evaluateProduct));
});

describe('the boundary table', () => {
  for (const { name, check } of boundaries) it(`COMP-01: ${name}`, () => check(evaluateProduct));
});

describe('planted faults', () => {
  for (const [name, fault] of Object.entries(plantedFaults)) {
    it(`COMP-01: the suite catches the planted fault: ${name}`, () => expect(failing(fault)?.name).toBeDefined());
  }
});
