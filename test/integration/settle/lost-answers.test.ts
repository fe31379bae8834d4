import { describe } from 'vitest';
import { everyAnswerLost, someAnswersLost } from './lost-answers.js';

// Azure's every answer is among the long tests.
describe('the lost answer to a creation on aws', () => everyAnswerLost('aws'));
describe('some lost answers to creations on aws', () => someAnswersLost('aws'));
describe('some lost answers to creations on azure', () => someAnswersLost('azure'));
