import { en as stories } from './stories/en.ts';

/** The texts of Learn in English; loaded with it. Symbols stay as the papers write them. */
export const en = {
  title: 'Learn',
  topics: 'What to learn',
  topic: {
    caption: 'A word of a caption',
    hard: 'Soft and hard',
    sentence: 'A token of a translation',
    beam: 'Beam search',
    heads: 'All heads',
    train: 'Train it yourself',
    stories: 'Memory',
    measured: 'Measured',
  },

  steps: 'Steps',
  previous: 'Back',
  next: 'On',
  keys: 'The arrow keys go from step to step.',
  of: (step: string, count: string) => `${step} of ${count}`,

  caption: {
    words: 'The caption. Which word?',
    end: 'end of the sentence',
    none: 'To see how a word of a caption comes about, Attend needs a photo.',
    waiting: 'The photo is being captioned…',
  },

  sentence: {
    label: 'Sentence',
    model: 'Model',
    tokens: 'The translation. Which token?',
    asks: 'Which token asks?',
    kind: 'Who looks at what',
    kinds: { cross: 'Target at source', encoder: 'Source at source', decoder: 'Target at target' },
    layer: 'Layer',
    head: 'Head',
    layerOf: (layer: string) => `Layer ${layer}`,
    headOf: (head: string) => `Head ${head}`,
  },

  hard: {
    title: 'Soft and hard attention',
    words: 'Which word?',
    waiting: 'Both captioners look at the photo…',
    soft: 'Soft',
    hard: 'Hard',
    given: 'Given the word',
    posterior:
      'α is where it looks before the word is known, the prior. Once the word is known, Bayes’ rule tells where it looked, the posterior: a place counts by α, times how likely the word is with a look at that place alone. Of hard attention that draws its places this is exact, since every word comes of one place. Soft attention mixes what it sees at all places, and not what it would say of each: for it the posterior is its own answer to which place, seen alone, says this word. Caption, Map, “Where it saw it” shows it.',
    writes: 'What hard attention writes',
    written: { same: 'The same words', own: 'Its own' },
    text: 'Soft attention sees a mean of the whole photo, in which some places count more. Hard attention takes one place for each word and sees nothing but that. A place that is drawn by chance has no gradient: it was learnt by reward, how much likelier the word became than with the mean (REINFORCE). In use it takes the likeliest place.',
    entropy: (bits: string) => `entropy ${bits} bits`,
    apart: (bits: string) => `For this word the two are ${bits} bits apart (Jensen-Shannon; 1: no place in common).`,
  },

  stage: {
    asks: 'Who asks',
    place: 'Words and places',
    scores: 'Scores',
    mask: 'Mask',
    softmax: 'Softmax',
    context: 'Context',
    gate: 'Gate',
    state: 'State',
    read: 'Read-out',
    norm: 'Add and norm',
    word: 'Word',
  },

  /** What happens at a step, in a sentence or two. */
  text: {
    asksCaption:
      'What the decoder remembers of its words so far asks the photo a question. A matrix turns it into as many numbers as each of the photo’s cells has for it.',
    asksPair:
      'Two LSTMs share the work. The first reads the word before, the mean of the whole photo and what the second one remembers; its state asks the photo a question, and a matrix turns it into as many numbers as each of the photo’s cells has for it.',
    asksSentence: 'The decoder’s state asks the source a question. Each token of the source answers with its key.',
    asksNobody: 'Nobody asks: how much each token matters is told by the token alone, once for all steps.',
    asksHead:
      'The token that asks becomes a query, each token that may answer a key and a value: three matrices for each head.',
    place:
      'A Transformer reads all tokens at once and would not know their order. So each place has a pattern of waves of its own, which is added to the token’s vector.',
    scoresTanh:
      'Key and query are added, bent by tanh, and summed up with the weights v: one number for each location.',
    scoresProduct:
      'The score of a location is the product of its key and the query: large where they point the same way.',
    scoresScaled:
      'The score of a location is the product of its key and the query, over the root of their length, so that the softmax stays soft.',
    maskCausal:
      'The decoder may not look ahead: what stands behind a token is hidden from it (grey, −∞), so its weight is 0. So a whole translation can be learned from at once, and is still written from left to right.',
    maskPadding:
      'Sentences of a batch differ in length; the shorter ones are filled up. Here are the numbers as they are beside a sentence that is two tokens longer: what only fills (grey, −∞) gets the weight 0, and the others stay as they are.',
    scoresFixed: 'Each token has a score of its own, whatever is to be written.',
    softmax:
      'Exponentials make all scores positive, and their sum makes them shares of one. A low temperature sharpens, a high one flattens.',
    context:
      'Each location’s vector counts as much as its weight. This sum is all that the rest of the model sees of the look.',
    gate: 'A number from 0 to 1, from the state before, says how much of what was seen is let in. Words like “of” need little.',
    stateCaption: 'The word before, what was seen, and the state before make the new state.',
    statePair: 'The second LSTM reads what was seen and the state that asked, and so comes to what is said.',
    stateSentence: 'The token before and the state before make the new state, which asks next.',
    stateAfter: 'The token before, what was seen, and the state before make the new state.',
    stateConvolution:
      'There is no state that goes from token to token. Each layer looks at three places of the layer below, the last one being its own, and a gate says how much of what it makes of them is let through.',
    asksConvolution:
      'Every layer of the decoder asks the source for itself: what it made and the word before become a question. A token of the source answers with what the encoder made of it and its neighbours.',
    readConvolution:
      'What was seen is added to what the layer made, and the next layer goes on from there: it knows what this one has looked at. A sum of m vectors varies less than one, which the root of m makes good.',
    read: 'State and context together are bent once more, and are then compared with every word.',
    norm: 'What the heads found is added to the token’s vector, not put in its place; so nothing is lost on the way up. Normalising keeps the numbers in reach.',
    word: 'The result is multiplied with each word’s row of numbers. The largest products are the likeliest words.',
  },

  /** What a symbol stands for. */
  symbol: {
    asking: 'what asks',
    query: 'query',
    keys: 'keys',
    v: 'weights of the sum',
    scores: 'scores',
    weights: 'attention',
    values: 'what is looked at',
    context: 'context',
    gate: 'gate',
    gated: 'gated context',
    word: 'vector of the word before',
    state: 'new state',
    output: 'what words are compared with',
    logits: 'words',
    position: 'place',
    positions: 'the waves of all places',
    masked: 'scores of all tokens, with the mask',
    allWeights: 'attention of all tokens',
    sum: 'sum',
    input: 'word with its place',
    before: 'before',
    added: 'from all heads',
    after: 'after',
    taken: 'the place that is taken',
    probability: 'probability of a token',
    logProbability: 'log p of everything so far',
    score: 'score, were it to end here',
    entropy: 'entropy, bits',
    divergence: 'Jensen-Shannon divergence, bits',
  },
  numbers: (count: string) => `${count} numbers`,
  vectors: (count: string, size: string) => `${count} ${count === '1' ? 'vector' : 'vectors'} of ${size}`,

  hands: {
    title: 'By hand',
    scoreOf: (location: string) => `Score of ${location}`,
    see: (location: string) => `${location} can be seen`,
    cell: (row: string, column: string) => `cell ${row}, ${column}`,
    cells: 'Cells of the photo. The arrow keys choose one; Space hides it.',
    chosen: 'Choose a cell to change its score or to hide it.',
    temperature: 'Temperature',
    reset: 'As it was',
    agree: (difference: string) => `Page and engine agree to ${difference}.`,
    entropy: (bits: string, most: string) => `Spread: ${bits} of ${most} bits`,
  },

  beam: {
    title: (width: string) => `Beam search, ${width} wide`,
    subject: 'What is searched for',
    subjects: { caption: 'A caption', sentence: 'A translation' },
    width: 'Width of the beam',
    usual: 'as the model has it',
    text: 'At each step every sentence that goes on is continued by every word. Of all these the likeliest are kept, as many as the beam is wide; the others are pruned, and never come back. What ends is put aside and ranked by its score: log p alone would prefer short sentences, so it is divided by a power of the length.',
    described:
      'To the score of a caption that has ended comes what a second look says of it: q is how likely each of its content words is to be said of this photo at all, by a classifier of the whole photo that knows nothing of sentences. So the best leaf is not always the one that the beam thought likeliest.',
    legend:
      'In a box: the word and its own probability; below, log p of everything so far, and the score were it to end here. Full lines are kept, broken ones pruned, filled boxes have ended.',
    fate: {
      kept: 'goes on',
      finished: 'has ended',
      pruned: 'pruned',
      'cut-off': 'cut off at the longest length',
      outrun: 'cannot win any more',
    },
    counts: (all: string, kept: string, finished: string, pruned: string) =>
      `${all} looked at: ${kept} kept, ${finished} ended, ${pruned} pruned.`,
    drawing: (nodes: string, steps: string) => `A tree of ${nodes} continuations after ${steps} steps.`,
    going: 'Goes on, by log p',
    finished: 'Has ended, by score',
    none: 'None yet.',
    result: {
      caption: 'The best score: this is the caption that the app gives.',
      sentence: 'The best score: this is the translation.',
    },
  },

  heads: {
    title: (kind: string) => `All heads: ${kind.toLowerCase()}`,
    grid: (layers: string, heads: string) => `${layers} layers of ${heads} heads`,
    entropy: (bits: string) => `Entropy ${bits} bits`,
    nearest: (head: string, bits: string) => `Looks most like ${head}, ${bits} bits apart`,
    redundant: 'Redundant',
    text: (threshold: string) =>
      `H is the entropy of a head’s rows, in bits: 0 where every token looks at one place. Behind ~ stands the head that looks most alike, as layer·head, with their Jensen-Shannon divergence: 0 bits where both look at the same, 1 where they have no place in common, the mean over the rows. ≈ and a broken frame mark a head as redundant on this sentence: one before it is less than ${threshold} bits apart.`,
    count: (redundant: string, all: string) =>
      `${redundant} of ${all} heads ${redundant === '1' ? 'is' : 'are'} redundant here.`,
    enlarged: 'The head that is enlarged',
    asks: 'Token',
    entropyOf: 'H',
    entropyHint: 'Entropy of the row, bits',
    js: 'JS',
    jsHint: 'Jensen-Shannon divergence from the row before, bits',
    kl: 'KL',
    klHint: 'Kullback-Leibler divergence of the row from the one before, bits',
    rows: 'Bits. JS and KL say how far each token looks from where the one before it looked; KL is infinite where it looks at what the one before could not.',
    noModel: 'No Transformer translates between these languages.',
  },

  train: {
    intro:
      'A small model learns to turn a string of digits round, on this computer and from nothing. Without attention it must carry the whole string in one vector of 48 numbers: it manages short strings at best. With attention it learns where to look, and the matrix shows how.',
    task: 'Task',
    tasks: { reverse: 'Reverse', copy: 'Copy', sort: 'Sort' },
    attention: 'Attention',
    attentions: {
      none: 'None',
      additive: 'Additive',
      dot: 'Dot',
      'key-query': 'Keys and queries',
      'plain-none': 'None, plain cell',
      'plain-additive': 'Additive, plain cell',
    },
    start: 'Train',
    again: 'Train again',
    stop: 'Stop',
    running: (done: string, of: string) => `${done} of ${of} updates`,
    starting: 'Starting…',
    stopped: (done: string) => `Stopped after ${done} updates`,
    seconds: (seconds: string) => `${seconds} s`,
    loss: 'Loss',
    lossAxis: 'nats a digit, by update',
    exact: 'Right to the last digit',
    exactHint: 'of 24 new strings of each length; trained on 1 to 22 digits, the short ones first',
    length: 'Length',
    time: 'Time',
    noMatrix: 'Without attention there is nothing to see: it looks nowhere.',
    look: 'Where it looked',
    digits: 'Digits to try',
    wrote: 'It writes',
    right: 'which is right',
    wrong: 'which is wrong',
    notLoaded: 'Another model was trained since: this is what it made of these digits then.',
    save: 'Save the results',
    curve: (attention: string, loss: string) => `${attention}: ${loss}`,
  },

  stories,

  measured: {
    figure: 'What was measured',
    from: 'Of models that Attend trains; docs/laboratory has the tables and the commands that make them.',
    figures: {
      digits: {
        name: 'Reversing digits',
        text: 'The share of strings that come out right to the last digit, by their length. Without attention a whole string goes through one vector, and long ones do not fit; with attention the decoder looks at each digit when it is due.',
      },
      comparison: {
        name: 'Kinds of attention',
        text: 'Translations from English to German by small models that are trained alike: BLEU by the length of the sentence. Without attention, or with a summary that does not ask, it is far lower; which score asks matters little.',
      },
      copying: {
        name: 'How deep it must be',
        text: 'The fewest layers that can say what was read so many steps ago. Plain convolutions (ConvS2S) need one for every two steps, dilated ones (ByteNet) about the logarithm of the distance, attention one.',
      },
      gates: {
        name: 'What gates are for',
        text: 'How much the loss at the end depends on what was read so many steps before, in a plain cell, a GRU and an LSTM, before any training. It fades in all of them. Gates can learn to keep it: only the LSTM came to remember the first digit of most strings of 15, whatever it began with.',
      },
      stories: {
        name: 'Hops of a memory',
        text: 'A memory network with one, two and three looks at a story, by how many facts an answer follows from. One look fails where it takes two facts, two looks find both.',
      },
      glyphs: {
        name: 'One glance at a letter',
        text: 'SNAIL learns the names of five letters of an alphabet that it has never seen from one example each, and names a sixth drawing. Attention finds the letter to compare it with; without attention nothing is learnt.',
      },
      succession: {
        name: 'What follows on what',
        text: 'SNAIL learns within each sequence which symbol follows on which. It takes both: convolutions see that one stood before another, attention finds where that was.',
      },
    },
  },

  likeliest: 'The likeliest words',
  likeliestToken: 'The likeliest tokens',
  end: 'end',
  was: (percent: string) => `before: ${percent}`,
  logit: (value: string) => `logit ${value}`,
  noAttention: 'This model has no attention: it writes from its state alone, and cannot look back.',
  save: 'Save this panel or link to it',
  copyLink: 'Copy a link to it',
  linkCopied: 'The address of this panel is on the clipboard.',
  working: 'Computing…',
};

export type LearnTexts = Widened<typeof en>;

/** The shape of the texts, whatever the words. */
type Widened<T> = T extends string
  ? string
  : T extends (...parameters: infer Parameters) => string
    ? (...parameters: Parameters) => string
    : { [Key in keyof T]: Widened<T[Key]> };
