/** What the plain engine finds instead of a program. It must fail: to the engine, a program without resources is a wish to delete them all. */
throw new Error(
  'The programs of Clusterwright run inside the service. To run one by hand: npm run ops -- STACK preview|up|refresh|destroy',
);
