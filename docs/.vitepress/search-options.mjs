/** How the search ranks: titles first, and guides before the reference of the API. */
export const searchOptions = {
  fuzzy: 0.2,
  prefix: true,
  boost: { title: 4, text: 2, titles: 1 },
  boostDocument: (id) => (id.startsWith('/api/') ? 0.1 : 1),
};
