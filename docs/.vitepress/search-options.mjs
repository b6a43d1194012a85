/** Long lists: what is asked in words is rather answered by a guide. */
const lists = /^\/(api\/|calls|events|options|errors)/;

/** How the search ranks: all words of a question, titles first, and guides before lists. */
export const searchOptions = {
  combineWith: 'AND',
  fuzzy: 0.2,
  prefix: true,
  boost: { title: 4, text: 2, titles: 1 },
  boostDocument: (id) => (lists.test(id) ? 0.1 : 1),
};
