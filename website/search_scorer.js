/* How a page that was found is ranked: what a user reads stands before what is about the making. */
const ASIDE = /^(?:CHANGELOG|CONTRIBUTING|architecture|13-chaos|decisions\/.*)$/;
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score: ([page, , , , score]) => (ASIDE.test(page) ? score / 2 : score),
};
