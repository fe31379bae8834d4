export { createApi } from './app.js';
export { entraSignIn, openSignIn, type SignIn } from './auth/sign-in.js';
export { serve, type Server } from './serve.js';
export type { ApiDependencies, CheckResult, Console, ConsoleSettings, Limits } from './dependencies.js';
