import { describe } from 'vitest';
import { everyAnswerLost } from '../integration/settle/lost-answers.js';

describe('the lost answer to a creation on azure', () => everyAnswerLost('azure'));
