export { createApi } from './app.js';
export { serve, type Server } from './serve.js';
export type { ApiDependencies, CheckResult, Limits } from './dependencies.js';
