import { crowdSuite } from './surroundings/crowd.ts';

crowdSuite(100, 120);
