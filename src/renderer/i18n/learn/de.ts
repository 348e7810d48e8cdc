import type { LearnTexts } from './en.ts';
import { de as stories } from './stories/de.ts';

/** The texts of Learn in German. */
export const de: LearnTexts = {
  title: 'Lernen',
  topics: 'Was gelernt wird',
  topic: {
    caption: 'Ein Wort der Beschreibung',
    hard: 'Weich und hart',
    sentence: 'Ein Token der Übersetzung',
    beam: 'Strahlsuche',
    heads: 'Alle Köpfe',
    train: 'Selbst trainieren',
    stories: 'Gedächtnis',
    measured: 'Gemessen',
  },

  steps: 'Schritte',
  previous: 'Zurück',
  next: 'Weiter',
  keys: 'Die Pfeiltasten führen von Schritt zu Schritt.',
  of: (step, count) => `${step} von ${count}`,

  caption: {
    words: 'Die Beschreibung. Welches Wort?',
    end: 'Ende des Satzes',
    none: 'Um zu zeigen, wie ein Wort einer Beschreibung entsteht, braucht Attend ein Foto.',
    waiting: 'Das Foto wird beschrieben …',
  },

  sentence: {
    label: 'Satz',
    model: 'Modell',
    tokens: 'Die Übersetzung. Welches Token?',
    asks: 'Welches Token fragt?',
    kind: 'Wer worauf schaut',
    kinds: { cross: 'Ziel auf Quelle', encoder: 'Quelle auf Quelle', decoder: 'Ziel auf Ziel' },
    layer: 'Schicht',
    head: 'Kopf',
    layerOf: (layer) => `Schicht ${layer}`,
    headOf: (head) => `Kopf ${head}`,
  },

  hard: {
    title: 'Weiche und harte Attention',
    words: 'Welches Wort?',
    waiting: 'Beide Beschreiber betrachten das Foto …',
    soft: 'Weich',
    hard: 'Hart',
    given: 'Nach dem Wort',
    posterior:
      'α ist, wohin es schaut, bevor das Wort feststeht: der Prior. Steht das Wort fest, sagt die Regel von Bayes, wohin es schaute: der Posterior. Eine Stelle zählt so viel wie ihr α, mal wie wahrscheinlich das Wort ist, wenn es nur diese Stelle sieht. Für harte Attention, die ihre Stellen auslost, ist das genau, denn jedes Wort kommt von einer Stelle. Weiche mischt, was sie an allen Stellen sieht, und nicht, was sie zu jeder sagen würde: Für sie ist der Posterior ihre eigene Antwort darauf, welche Stelle für sich dieses Wort sagt. Bildtext, Karte, „Wo es das sah“ zeigt ihn.',
    writes: 'Was die harte schreibt',
    written: { same: 'Dieselben Wörter', own: 'Ihre eigenen' },
    text: 'Weiche Attention sieht ein Mittel des ganzen Fotos, in dem manche Stellen mehr zählen. Harte nimmt für jedes Wort eine Stelle und sieht nichts als diese. Eine ausgeloste Stelle hat keinen Gradienten: Gelernt wurde durch Belohnung, nämlich wie viel wahrscheinlicher das Wort wurde als mit dem Mittel (REINFORCE). Im Gebrauch nimmt sie die wahrscheinlichste Stelle.',
    entropy: (bits) => `Entropie ${bits} Bit`,
    apart: (bits) =>
      `Bei diesem Wort liegen beide ${bits} Bit auseinander (Jensen-Shannon; 1: keine Stelle gemeinsam).`,
  },

  stage: {
    asks: 'Wer fragt',
    place: 'Wörter und Plätze',
    scores: 'Punkte',
    mask: 'Maske',
    softmax: 'Softmax',
    context: 'Kontext',
    gate: 'Tor',
    state: 'Zustand',
    read: 'Auslesen',
    norm: 'Addieren, normieren',
    word: 'Wort',
  },

  text: {
    asksCaption:
      'Was der Decoder von seinen bisherigen Wörtern behalten hat, stellt dem Foto eine Frage. Eine Matrix macht daraus so viele Zahlen, wie jede Zelle des Fotos dafür hat.',
    asksPair:
      'Zwei LSTMs teilen sich die Arbeit. Das erste liest das vorige Wort, den Mittelwert des ganzen Fotos und was das zweite behalten hat; sein Zustand stellt dem Foto eine Frage, und eine Matrix macht daraus so viele Zahlen, wie jede Zelle des Fotos dafür hat.',
    asksSentence:
      'Der Zustand des Decoders stellt der Quelle eine Frage. Jedes Token der Quelle antwortet mit seinem Schlüssel.',
    asksNobody: 'Niemand fragt: Wie viel ein Token zählt, sagt es selbst, einmal für alle Schritte.',
    asksHead:
      'Das fragende Token wird zu einer Anfrage, jedes mögliche antwortende zu Schlüssel und Wert: drei Matrizen für jeden Kopf.',
    place:
      'Ein Transformer liest alle Token zugleich und wüsste ihre Reihenfolge nicht. Deshalb hat jeder Platz ein eigenes Muster aus Wellen, das zum Vektor des Tokens addiert wird.',
    scoresTanh:
      'Schlüssel und Anfrage werden addiert, durch tanh gebogen und mit den Gewichten v summiert: eine Zahl für jeden Ort.',
    scoresProduct:
      'Die Punktzahl eines Ortes ist das Produkt aus seinem Schlüssel und der Anfrage: groß, wo beide in dieselbe Richtung zeigen.',
    scoresScaled:
      'Die Punktzahl eines Ortes ist das Produkt aus seinem Schlüssel und der Anfrage, durch die Wurzel ihrer Länge geteilt, damit der Softmax weich bleibt.',
    maskCausal:
      'Der Decoder darf nicht vorausschauen: Was hinter einem Token steht, ist ihm verborgen (grau, −∞) und bekommt das Gewicht 0. So kann aus einer ganzen Übersetzung auf einmal gelernt werden, und sie wird doch von links nach rechts geschrieben.',
    maskPadding:
      'Die Sätze eines Stapels sind verschieden lang; die kürzeren werden aufgefüllt. Hier die Zahlen wie neben einem Satz, der zwei Token länger ist: Was nur füllt (grau, −∞), bekommt das Gewicht 0, und die anderen bleiben, wie sie sind.',
    scoresFixed: 'Jedes Token hat seine eigene Punktzahl, was auch immer geschrieben werden soll.',
    softmax:
      'Die Exponentialfunktion macht alle Punkte positiv, und ihre Summe macht sie zu Anteilen an eins. Eine niedrige Temperatur schärft, eine hohe ebnet ein.',
    context:
      'Der Vektor jedes Ortes zählt so viel wie sein Gewicht. Diese Summe ist alles, was der Rest des Modells von dem Blick sieht.',
    gate: 'Eine Zahl von 0 bis 1 aus dem vorigen Zustand sagt, wie viel des Gesehenen hereindarf. Wörter wie „of“ brauchen wenig.',
    stateCaption: 'Das vorige Wort, das Gesehene und der vorige Zustand ergeben den neuen Zustand.',
    statePair:
      'Das zweite LSTM liest das Gesehene und den Zustand, der gefragt hat, und kommt so zu dem, was gesagt wird.',
    stateSentence: 'Das vorige Token und der vorige Zustand ergeben den neuen Zustand, der als Nächstes fragt.',
    stateAfter: 'Das vorige Token, das Gesehene und der vorige Zustand ergeben den neuen Zustand.',
    stateConvolution:
      'Es gibt keinen Zustand, der von Token zu Token geht. Jede Schicht sieht drei Stellen der Schicht darunter, ihre eigene als letzte, und ein Tor sagt, wie viel von dem, was sie daraus macht, durchgelassen wird.',
    asksConvolution:
      'Jede Schicht des Decoders fragt die Quelle für sich: Was sie gemacht hat und das Wort davor werden zu einer Frage. Ein Token der Quelle antwortet mit dem, was der Encoder aus ihm und seinen Nachbarn gemacht hat.',
    readConvolution:
      'Was gesehen wurde, kommt zu dem, was die Schicht gemacht hat, und die nächste macht damit weiter: Sie weiß, wohin diese geblickt hat. Eine Summe aus m Vektoren schwankt weniger als einer; das gleicht die Wurzel aus m aus.',
    read: 'Zustand und Kontext werden zusammen noch einmal gebogen und dann mit jedem Wort verglichen.',
    norm: 'Was die Köpfe gefunden haben, wird zum Vektor des Tokens addiert und ersetzt ihn nicht; so geht auf dem Weg nach oben nichts verloren. Das Normieren hält die Zahlen in Reichweite.',
    word: 'Das Ergebnis wird mit der Zahlenreihe jedes Wortes multipliziert. Die größten Produkte sind die wahrscheinlichsten Wörter.',
  },

  symbol: {
    asking: 'was fragt',
    query: 'Anfrage',
    keys: 'Schlüssel',
    v: 'Gewichte der Summe',
    scores: 'Punkte',
    weights: 'Aufmerksamkeit',
    values: 'was angeschaut wird',
    context: 'Kontext',
    gate: 'Tor',
    gated: 'Kontext hinter dem Tor',
    word: 'Vektor des vorigen Wortes',
    state: 'neuer Zustand',
    output: 'womit Wörter verglichen werden',
    logits: 'Wörter',
    position: 'Platz',
    positions: 'die Wellen aller Plätze',
    masked: 'Punkte aller Token, mit der Maske',
    allWeights: 'Aufmerksamkeit aller Token',
    sum: 'Summe',
    input: 'Wort mit seinem Platz',
    before: 'vorher',
    added: 'von allen Köpfen',
    after: 'nachher',
    taken: 'die Stelle, die genommen wird',
    probability: 'Wahrscheinlichkeit eines Tokens',
    logProbability: 'log p von allem bisher',
    score: 'Punktzahl, wenn es hier endete',
    entropy: 'Entropie, Bit',
    divergence: 'Jensen-Shannon-Divergenz, Bit',
  },
  numbers: (count) => `${count} Zahlen`,
  vectors: (count, size) => `${count} ${count === '1' ? 'Vektor' : 'Vektoren'} zu ${size}`,

  hands: {
    title: 'Von Hand',
    scoreOf: (location) => `Punkte von ${location}`,
    see: (location) => `${location} ist zu sehen`,
    cell: (row, column) => `Zelle ${row}, ${column}`,
    cells: 'Zellen des Fotos. Die Pfeiltasten wählen eine; die Leertaste verdeckt sie.',
    chosen: 'Wählen Sie eine Zelle, um ihre Punkte zu ändern oder sie zu verdecken.',
    temperature: 'Temperatur',
    reset: 'Wie es war',
    agree: (difference) => `Seite und Rechenkern stimmen auf ${difference} überein.`,
    entropy: (bits, most) => `Streuung: ${bits} von ${most} Bit`,
  },

  beam: {
    title: (width) => `Strahlsuche, Breite ${width}`,
    subject: 'Was gesucht wird',
    subjects: { caption: 'Eine Beschreibung', sentence: 'Eine Übersetzung' },
    width: 'Breite des Strahls',
    usual: 'wie beim Modell',
    text: 'Bei jedem Schritt wird jeder Satz, der weitergeht, um jedes Wort verlängert. Von allen bleiben die wahrscheinlichsten, so viele, wie der Strahl breit ist; die anderen fallen weg und kommen nie wieder. Was endet, wird beiseitegelegt und nach seiner Punktzahl geordnet: log p allein zöge kurze Sätze vor, deshalb wird es durch eine Potenz der Länge geteilt.',
    described:
      'Zur Punktzahl einer Beschreibung, die geendet hat, kommt, was ein zweiter Blick von ihr hält: q ist, wie wahrscheinlich jedes ihrer Inhaltswörter über dieses Foto überhaupt gesagt wird, nach einem Klassifikator des ganzen Fotos, der nichts von Sätzen weiß. So ist das beste Blatt nicht immer das, das der Strahl für das wahrscheinlichste hielt.',
    legend:
      'In einem Kasten: das Wort und seine eigene Wahrscheinlichkeit; darunter log p von allem bis hierher und die Punktzahl, falls es hier endete. Durchgezogen: geht weiter, gestrichelt: weggefallen, gefüllt: zu Ende.',
    fate: {
      kept: 'geht weiter',
      finished: 'ist zu Ende',
      pruned: 'weggefallen',
      'cut-off': 'bei der größten Länge abgeschnitten',
      outrun: 'kann nicht mehr gewinnen',
    },
    counts: (all, kept, finished, pruned) =>
      `${all} angesehen: ${kept} gehen weiter, ${finished} zu Ende, ${pruned} weggefallen.`,
    drawing: (nodes, steps) => `Ein Baum aus ${nodes} Fortsetzungen nach ${steps} Schritten.`,
    going: 'Geht weiter, nach log p',
    finished: 'Zu Ende, nach Punkten',
    none: 'Noch keiner.',
    result: {
      caption: 'Die beste Punktzahl: Das ist die Beschreibung, die die App gibt.',
      sentence: 'Die beste Punktzahl: Das ist die Übersetzung.',
    },
  },

  heads: {
    title: (kind) => `Alle Köpfe: ${kind}`,
    grid: (layers, heads) => `${layers} Schichten zu ${heads} Köpfen`,
    entropy: (bits) => `Entropie ${bits} Bit`,
    nearest: (head, bits) => `Schaut am ehesten wie ${head}, ${bits} Bit entfernt`,
    redundant: 'Überflüssig',
    text: (threshold) =>
      `H ist die Entropie der Zeilen eines Kopfes in Bit: 0, wo jedes Token auf einen Ort schaut. Hinter ~ steht der Kopf, der am ähnlichsten schaut, als Schicht·Kopf, mit ihrer Jensen-Shannon-Divergenz: 0 Bit, wo beide dasselbe anschauen, 1, wo sie keinen Ort gemeinsam haben, im Mittel der Zeilen. ≈ und ein gestrichelter Rahmen heißen: bei diesem Satz überflüssig, denn einer davor ist weniger als ${threshold} Bit entfernt.`,
    count: (redundant, all) => `${redundant} von ${all} Köpfen ${redundant === '1' ? 'ist' : 'sind'} hier überflüssig.`,
    enlarged: 'Der vergrößerte Kopf',
    asks: 'Token',
    entropyOf: 'H',
    entropyHint: 'Entropie der Zeile in Bit',
    js: 'JS',
    jsHint: 'Jensen-Shannon-Divergenz zur Zeile davor in Bit',
    kl: 'KL',
    klHint: 'Kullback-Leibler-Divergenz der Zeile von der davor in Bit',
    rows: 'Bit. JS und KL sagen, wie weit jedes Token von dem weg schaut, wohin das vorige schaute; KL ist unendlich, wo es anschaut, was das vorige nicht konnte.',
    noModel: 'Kein Transformer übersetzt zwischen diesen Sprachen.',
  },

  train: {
    intro:
      'Ein kleines Modell lernt, eine Ziffernfolge umzudrehen, auf diesem Rechner und aus dem Nichts. Ohne Aufmerksamkeit muss es die ganze Folge in einem Vektor aus 48 Zahlen tragen: Das gelingt allenfalls bei kurzen. Mit Aufmerksamkeit lernt es, wohin es schauen muss, und die Matrix zeigt es.',
    task: 'Aufgabe',
    tasks: { reverse: 'Umdrehen', copy: 'Abschreiben', sort: 'Sortieren' },
    attention: 'Aufmerksamkeit',
    attentions: {
      none: 'Keine',
      additive: 'Additiv',
      dot: 'Skalarprodukt',
      'key-query': 'Schlüssel und Anfragen',
      'plain-none': 'Keine, einfache Zelle',
      'plain-additive': 'Additiv, einfache Zelle',
    },
    start: 'Trainieren',
    again: 'Noch einmal trainieren',
    stop: 'Anhalten',
    running: (done, of) => `${done} von ${of} Schritten`,
    starting: 'Beginnt …',
    stopped: (done) => `Angehalten nach ${done} Schritten`,
    seconds: (seconds) => `${seconds} s`,
    loss: 'Verlust',
    lossAxis: 'Nat je Ziffer, nach Schritten',
    exact: 'Bis zur letzten Ziffer richtig',
    exactHint: 'von 24 neuen Folgen jeder Länge; trainiert mit 1 bis 22 Ziffern, die kurzen zuerst',
    length: 'Länge',
    time: 'Zeit',
    noMatrix: 'Ohne Aufmerksamkeit gibt es nichts zu sehen: Es schaut nirgends hin.',
    look: 'Wohin es schaute',
    digits: 'Ziffern zum Ausprobieren',
    wrote: 'Es schreibt',
    right: 'und das ist richtig',
    wrong: 'und das ist falsch',
    notLoaded: 'Seither wurde ein anderes Modell trainiert: Das machte es damals aus diesen Ziffern.',
    save: 'Ergebnisse sichern',
    curve: (attention, loss) => `${attention}: ${loss}`,
  },

  stories,

  measured: {
    figure: 'Was gemessen wurde',
    from: 'An Modellen, die Attend trainiert; docs/laboratory hat die Tabellen und die Befehle, die sie erzeugen.',
    figures: {
      digits: {
        name: 'Ziffern umdrehen',
        text: 'Der Anteil der Folgen, die bis zur letzten Ziffer richtig sind, nach ihrer Länge. Ohne Attention muss die ganze Folge durch einen einzigen Vektor, und lange passen nicht hinein; mit Attention schaut der Decoder auf jede Ziffer, wenn sie an der Reihe ist.',
      },
      comparison: {
        name: 'Arten von Attention',
        text: 'Übersetzungen aus dem Englischen ins Deutsche von kleinen Modellen, die gleich trainiert sind: BLEU nach der Länge des Satzes. Ohne Attention, oder mit einer Zusammenfassung, die nicht fragt, ist er weit niedriger; welche Bewertung fragt, macht wenig aus.',
      },
      copying: {
        name: 'Wie tief es sein muss',
        text: 'Die wenigsten Schichten, die sagen können, was so viele Schritte zuvor gelesen wurde. Einfache Faltungen (ConvS2S) brauchen eine für je zwei Schritte, gedehnte (ByteNet) etwa den Logarithmus der Entfernung, Attention eine.',
      },
      gates: {
        name: 'Wozu Gatter gut sind',
        text: 'Wie sehr der Verlust am Ende davon abhängt, was so viele Schritte zuvor gelesen wurde, in einer einfachen Zelle, einer GRU und einem LSTM, vor jedem Training. Es verblasst in allen. Gatter können lernen, es zu behalten: nur das LSTM merkte sich am Ende bei den meisten Folgen von 15 die erste Ziffer, womit es auch begann.',
      },
      stories: {
        name: 'Sprünge eines Gedächtnisses',
        text: 'Ein Memory Network mit einem, zwei und drei Blicken auf eine Geschichte, danach, aus wie vielen Tatsachen eine Antwort folgt. Ein Blick reicht nicht, wo es zwei Tatsachen braucht; zwei Blicke finden beide.',
      },
      glyphs: {
        name: 'Ein Blick auf einen Buchstaben',
        text: 'SNAIL lernt die Namen von fünf Buchstaben eines nie gesehenen Alphabets aus je einem Beispiel und benennt eine sechste Zeichnung. Attention findet den Buchstaben, mit dem sie zu vergleichen ist; ohne Attention wird nichts gelernt.',
      },
      succession: {
        name: 'Was worauf folgt',
        text: 'SNAIL lernt in jeder Folge, welches Zeichen auf welches folgt. Es braucht beides: Faltungen sehen, dass eines vor einem anderen stand, Attention findet, wo das war.',
      },
    },
  },

  likeliest: 'Die wahrscheinlichsten Wörter',
  likeliestToken: 'Die wahrscheinlichsten Token',
  end: 'Ende',
  was: (percent) => `vorher: ${percent}`,
  logit: (value) => `Logit ${value}`,
  noAttention:
    'Dieses Modell hat keine Aufmerksamkeit: Es schreibt nur aus seinem Zustand und kann nicht zurückschauen.',
  save: 'Dieses Bild sichern oder verlinken',
  copyLink: 'Link darauf kopieren',
  linkCopied: 'Die Adresse dieses Bildes liegt in der Zwischenablage.',
  working: 'Wird berechnet …',
};
