import { afterAll, beforeAll, expect, it } from 'vitest';
import { findTranslator } from '../../src/translation/find-translator.ts';
import { translate } from '../../src/translation/translate.ts';
import { loadTranslator, type TranslatorModel } from '../../src/translation/translator-model.ts';
import { describeGraphs, useTestBackend } from '../support/backend.ts';

useTestBackend();

/** What a person types first, with what is right: judged by hand, without regard to capitals and the mark at the end. */
const SENTENCES: readonly { en: string; de: string[]; fr: string[]; es: string[]; cs: string[] }[] = [
  { en: 'Good morning.', de: ['guten morgen'], fr: ['bonjour'], es: ['buenos días'], cs: ['dobré ráno'] },
  {
    en: 'How are you?',
    de: ['wie geht es dir', 'wie geht es ihnen', "wie geht's", 'wie geht es euch'],
    fr: ['comment vas-tu', 'comment allez-vous', 'comment ça va', 'ça va'],
    es: ['cómo estás', 'cómo está', 'cómo están', '¿cómo te va'],
    cs: ['jak se máš', 'jak se máte'],
  },
  {
    en: 'My name is Anna.',
    de: ['mein name ist anna', 'ich heiße anna'],
    fr: ["je m'appelle anna", 'mon nom est anna'],
    es: ['me llamo anna', 'mi nombre es anna'],
    cs: ['jmenuji se anna', 'jmenuju se anna', 'mé jméno je anna', 'moje jméno je anna'],
  },
  {
    en: 'I am allergic to peanuts.',
    de: ['ich bin allergisch gegen erdnüsse', 'ich bin gegen erdnüsse allergisch', 'ich habe eine erdnussallergie'],
    fr: ['je suis allergique aux cacahuètes', 'je suis allergique aux arachides'],
    es: [
      'soy alérgico a los cacahuetes',
      'soy alérgica a los cacahuetes',
      'soy alérgico a los cacahuates',
      'soy alérgico a los maníes',
    ],
    cs: ['jsem alergický na arašídy', 'jsem alergická na arašídy', 'mám alergii na arašídy'],
  },
  {
    en: 'The train leaves at nine.',
    de: [
      'der zug fährt um neun',
      'der zug fährt um neun uhr',
      'der zug fährt um neun ab',
      'der zug fährt um neun uhr ab',
    ],
    fr: ['le train part à neuf heures'],
    es: ['el tren sale a las nueve', 'el tren parte a las nueve'],
    cs: ['vlak odjíždí v devět', 'vlak odjíždí v devět hodin', 'vlak jede v devět'],
  },
  {
    en: 'How much does this cost?',
    de: ['wie viel kostet das', 'was kostet das', 'wie viel kostet dies'],
    fr: ['combien ça coûte', 'combien cela coûte-t-il', 'combien coûte ceci', 'combien est-ce que ça coûte'],
    es: ['cuánto cuesta esto', 'cuánto cuesta', 'cuánto vale esto'],
    cs: ['kolik to stojí', 'kolik tohle stojí'],
  },
  {
    en: 'Where is the train station?',
    de: ['wo ist der bahnhof'],
    fr: ['où est la gare', 'où se trouve la gare'],
    es: ['dónde está la estación', 'dónde está la estación de tren', 'dónde está la estación de trenes'],
    cs: ['kde je nádraží', 'kde je vlakové nádraží'],
  },
  {
    en: 'I would like a cup of coffee.',
    de: ['ich hätte gern eine tasse kaffee', 'ich hätte gerne eine tasse kaffee', 'ich möchte eine tasse kaffee'],
    fr: ["j'aimerais une tasse de café", 'je voudrais une tasse de café'],
    es: ['me gustaría una taza de café', 'quisiera una taza de café', 'querría una taza de café'],
    cs: ['chtěl bych šálek kávy', 'chtěla bych šálek kávy', 'dal bych si šálek kávy'],
  },
  {
    en: 'Turn left at the traffic light.',
    de: ['biege an der ampel links ab', 'biegen sie an der ampel links ab', 'an der ampel links abbiegen'],
    fr: [
      'tournez à gauche au feu',
      'tourne à gauche au feu',
      'tournez à gauche aux feux',
      'tourne à gauche au feu rouge',
      'tournez à gauche au feu de circulation',
    ],
    es: ['gire a la izquierda en el semáforo', 'gira a la izquierda en el semáforo'],
    cs: ['na semaforu zahněte doleva', 'na semaforu zahni doleva', 'u semaforu zahněte doleva'],
  },
  {
    en: 'Can you help me, please?',
    de: ['können sie mir bitte helfen', 'kannst du mir bitte helfen', 'können sie mir helfen, bitte'],
    fr: ["pouvez-vous m'aider, s'il vous plaît", "peux-tu m'aider, s'il te plaît"],
    es: ['puedes ayudarme, por favor', 'puede ayudarme, por favor', 'me puedes ayudar, por favor'],
    cs: ['můžete mi prosím pomoct', 'můžeš mi prosím pomoct', 'můžete mi, prosím, pomoci', 'můžeš mi, prosím, pomoct'],
  },
  {
    en: 'I do not speak French.',
    de: ['ich spreche kein französisch', 'ich kann kein französisch'],
    fr: ['je ne parle pas français', 'je ne parle pas le français'],
    es: ['no hablo francés', 'yo no hablo francés'],
    cs: ['nemluvím francouzsky', 'neumím francouzsky'],
  },
  {
    en: 'See you tomorrow at 9:30.',
    de: [
      'bis morgen um 9:30',
      'bis morgen um 9:30 uhr',
      'wir sehen uns morgen um 9:30',
      'wir sehen uns morgen um 9:30 uhr',
    ],
    fr: ['à demain à 9:30', 'on se voit demain à 9:30'],
    es: ['nos vemos mañana a las 9:30', 'te veo mañana a las 9:30', 'hasta mañana a las 9:30'],
    cs: ['uvidíme se zítra v 9:30', 'zítra v 9:30'],
  },
];

/** Of twelve, those that the model gets right today. A better model raises these numbers, and none may lower them. */
const RIGHT = { de: 11, fr: 12, es: 12, cs: 7 } as const;

/**
 * Twenty-four more of other topics. What is right was written down before anybody saw a translation of them, and the project's
 * own phrasebook (`configs/talk`), which has sentences like the twelve, has none like these.
 */
const OTHERS: readonly { en: string; de: RegExp; fr: RegExp; es: RegExp; cs: RegExp }[] = [
  {
    en: 'I like your new car.',
    de: /^(ich mag (dein|ihr|euer) neues auto|mir gefällt (dein|ihr|euer) neues auto|(dein|ihr|euer) neues auto gefällt mir)$/,
    fr: /^(j'aime (bien )?(ta|votre) nouvelle voiture|(ta|votre) nouvelle voiture me plaît)$/,
    es: /^me gusta (tu|su|vuestro) (nuevo (coche|auto|carro)|(coche|auto|carro) nuevo)$/,
    cs: /^(líbí se mi (tvoje|tvé|vaše|tvý) nové auto|(tvoje|tvé|vaše) nové auto se mi líbí|mám rád tvoje nové auto)$/,
  },
  {
    en: 'The children are playing in the garden.',
    de: /^die kinder spielen (gerade )?im garten$/,
    fr: /^les enfants jouent dans le jardin$/,
    es: /^los niños (están jugando|juegan) en el jardín$/,
    cs: /^(děti si hrají (na|v) zahradě|na zahradě si hrají děti)$/,
  },
  {
    en: 'She does not want to go to school.',
    de: /^sie (will|möchte) nicht (in die|zur) schule( gehen)?$/,
    fr: /^elle ne veut pas aller à l'école$/,
    es: /^(ella )?no quiere ir a la escuela$|^(ella )?no quiere ir al colegio$/,
    cs: /^(ona )?nechce (jít|chodit) do školy$/,
  },
  {
    en: 'My brother is older than me.',
    de: /^mein bruder ist älter als ich$/,
    fr: /^mon frère est plus (âgé|vieux) que moi$/,
    es: /^mi hermano es mayor que yo$|^mi hermano es más (viejo|grande) que yo$/,
    cs: /^můj bratr je starší než já$|^(můj )?bratr je starší než já$/,
  },
  {
    en: 'It will snow tomorrow.',
    de: /^(es wird morgen schneien|morgen (wird es schneien|schneit es)|es schneit morgen)$/,
    fr: /^(il (neigera|va neiger) demain|demain,? il (neigera|va neiger))$/,
    es: /^(mañana (nevará|va a nevar)|(nevará|va a nevar) mañana)$/,
    cs: /^(zítra bude sněžit|bude zítra sněžit|zítra (na)?sněží)$/,
  },
  {
    en: 'What are you doing tonight?',
    de: /^was (machst du|macht ihr|machen sie|tust du) heute (abend|nacht)$/,
    fr: /^(que (fais-tu|faites-vous)|qu'est-ce que (tu fais|vous faites)|tu fais quoi|vous faites quoi) ce soir$/,
    es: /^qué (haces|hace|hacen|hacéis|vas a hacer|estás haciendo) esta noche$/,
    cs: /^co (děláš|děláte|budeš dělat|budete dělat) dnes večer$|^co (dnes|dneska) večer (děláš|děláte)$/,
  },
  {
    en: 'I forgot my umbrella at home.',
    de: /^ich habe (meinen|den) regenschirm (zu hause|zuhause|daheim) vergessen$|^ich habe (zu hause|zuhause) meinen regenschirm vergessen$/,
    fr: /^j'ai (oublié|laissé) mon parapluie (à la maison|chez moi)$/,
    es: /^(olvidé|he olvidado|dejé|me olvidé|me olvidé de) (mi|el) paraguas en (la )?casa$|^(se )?me olvidó el paraguas en casa$/,
    cs: /^(zapomněl|zapomněla|nechal|nechala) jsem (si )?(svůj )?deštník doma$|^(zapomněl|zapomněla) jsem (si )?doma (svůj )?deštník$|^doma jsem (zapomněl|zapomněla) deštník$/,
  },
  {
    en: 'Please close the window.',
    de: /^(bitte (mach|machen sie|macht) das fenster zu|bitte (schließe|schließ|schließen sie|schließt) das fenster|(mach|schließe|schließen sie|schließ|machen sie) bitte das fenster( zu)?|(mach|schließe|schließen sie|schließ) das fenster,? bitte)$/,
    fr: /^((ferme|fermez) la fenêtre,? s'il (te|vous) plaît|(s'il (te|vous) plaît,? )(ferme|fermez) la fenêtre|veuillez fermer la fenêtre)$/,
    es: /^((por favor,? )(cierra|cierre|cierren|cerrad) la ventana|(cierra|cierre) la ventana,? por favor)$/,
    cs: /^((prosím,? )?(zavři|zavřete),? (prosím,? )?(to )?okno(,? prosím)?|prosím,? (zavři|zavřete) okno)$/,
  },
  {
    en: 'He is learning to play the guitar.',
    de: /^er lernt (gerade )?gitarre( zu)? spielen$|^er lernt,? gitarre zu spielen$|^er lernt gitarre$/,
    fr: /^il apprend à jouer de la guitare$|^il est en train d'apprendre à jouer de la guitare$/,
    es: /^(él )?(está aprendiendo|aprende) a tocar (la )?guitarra$/,
    cs: /^učí se (hrát )?na kytaru$/,
  },
  {
    en: 'The internet does not work.',
    de: /^das internet (funktioniert|geht) nicht$/,
    fr: /^(l'internet|internet) ne (fonctionne|marche) pas$/,
    es: /^(el internet|internet|la internet) no (funciona|anda|va)$/,
    cs: /^internet nefunguje$|^nefunguje internet$|^nejde internet$/,
  },
  {
    en: 'I am very tired.',
    de: /^ich bin sehr müde$/,
    fr: /^je suis (très fatiguée?|bien fatiguée?)$/,
    es: /^(yo )?estoy muy cansad[oa]$/,
    cs: /^jsem (velmi|velice|moc|hodně) unaven[ýá]?$/,
  },
  {
    en: 'Have you already eaten?',
    de: /^(hast du|haben sie|habt ihr) (schon|bereits) gegessen$/,
    fr: /^(as-tu|avez-vous|tu as|vous avez|est-ce que tu as|est-ce que vous avez) déjà mangé$/,
    es: /^(ya )?(has|ha|han|habéis) comido( ya)?$|^(ya )(comiste|comieron|comió)$/,
    cs: /^(už|již) jsi (jedl|jedla|najedl|najedla)$|^(už|již) jste (jedl|jedla|jedli)$|^(jedl|jedla|jedli) (jsi|jste) (už|již)$|^(už|již) jsi se najedl[a]?$/,
  },
  {
    en: 'This book is very interesting.',
    de: /^(dieses|das) buch ist sehr interessant$/,
    fr: /^ce livre est (très|fort) intéressant$/,
    es: /^este libro es muy interesante$/,
    cs: /^(tato|tahle|ta|tahle) (kniha|knížka) je (velmi|velice|moc|hodně) zajímavá$/,
  },
  {
    en: 'My dog is afraid of thunder.',
    de: /^mein hund hat angst vor (dem )?donner$|^mein hund fürchtet sich vor (dem )?donner$|^mein hund hat angst vor (gewitter|gewittern)$/,
    fr: /^mon chien a peur du tonnerre$/,
    es: /^mi perro (tiene miedo|le tiene miedo) (de los truenos|a los truenos|del trueno|al trueno)$|^a mi perro le dan miedo los truenos$/,
    cs: /^můj pes se bojí (hromu|hromů|bouřky|hřmění|bouřek)$/,
  },
  {
    en: 'Do you have a bigger size?',
    de: /^(haben sie|hast du|habt ihr) (das )?(eine größere größe|(eine nummer )?größer)$/,
    fr: /^(avez-vous|as-tu|vous avez|est-ce que vous avez|tu as) une (plus grande taille|taille (plus grande|au-dessus))$/,
    es: /^(tiene|tienes|tienen|tenéis) (una|alguna) talla (más grande|mayor)$|^(tiene|tienes|tienen) un tamaño (más grande|mayor)$/,
    cs: /^(máte|máš|nemáte) (nějakou )?větší velikost$/,
  },
  {
    en: 'I will call you later.',
    de: /^ich (rufe dich|rufe sie|rufe euch) später( noch)? an$|^ich werde (dich|sie|euch) später anrufen$/,
    fr: /^je (t'appellerai|vous appellerai|te rappellerai|vous rappellerai|t'appelle|vous appelle) plus tard$/,
    es: /^(te|lo|la|le|os|los) llamaré (más tarde|después|luego)$|^(te|lo|la) (llamo|voy a llamar) (más tarde|luego|después)$/,
    cs: /^(zavolám (ti|vám) později|později (ti|vám) zavolám|(ti|vám) později zavolám|zavolám (ti|vám) pak)$/,
  },
  {
    en: 'Merry Christmas and a happy new year!',
    de: /^(frohe|fröhliche) weihnachten und ein (gutes|frohes|glückliches|schönes) neues jahr$/,
    fr: /^joyeux noël et (une )?bonne année$/,
    es: /^feliz navidad y (un )?(feliz|próspero) año nuevo$|^feliz navidad y un año nuevo feliz$/,
    cs: /^veselé vánoce a šťastný nový rok$|^(šťastné|krásné) a veselé vánoce a šťastný nový rok$/,
  },
  {
    en: 'I am looking for my glasses.',
    de: /^ich suche (gerade )?(meine|nach meiner) brille$/,
    fr: /^je cherche mes lunettes$|^je suis en train de chercher mes lunettes$/,
    es: /^(estoy buscando|busco) mis (gafas|lentes|anteojos)$/,
    cs: /^hledám (své|svoje|si|moje|mé) brýle$|^hledám brýle$/,
  },
  {
    en: 'Who is that man over there?',
    de: /^wer ist (der|dieser|jener) mann (da drüben|dort drüben|da|dort)$/,
    fr: /^qui est (cet homme|cet homme-là|l'homme) (là-bas|là)$|^qui est cet homme-là$/,
    es: /^quién es (ese|aquel|el) hombre (de )?(allí|ahí|allá|de allí|de allá)$|^quién es aquel hombre$/,
    cs: /^kdo je (ten|tamten) (muž|pán|člověk) (tamhle|tam|támhle)$|^kdo je tamten (muž|pán)$|^kdo je tam(hle)? ten (muž|pán)$/,
  },
  {
    en: 'She has lived in Berlin for ten years.',
    de: /^sie (lebt|wohnt) (schon )?seit zehn jahren in berlin$|^seit zehn jahren (lebt|wohnt) sie in berlin$/,
    fr: /^elle (vit|habite) à berlin depuis (dix|10) ans$/,
    es: /^(ella )?(vive en berlín (desde hace|hace) diez años|ha vivido (en berlín )?(durante |por )?diez años( en berlín)?|lleva diez años viviendo en berlín|hace diez años que vive en berlín|lleva viviendo en berlín diez años)$|^(ella )?ha vivido en berlín (durante|por) diez años$/,
    cs: /^(ona )?(žije|bydlí) v berlíně (už |již )?deset let$|^(už |již )?deset let (žije|bydlí) v berlíně$|^v berlíně (žije|bydlí) (už |již )?deset let$/,
  },
  {
    en: 'There is a hair in my soup.',
    de: /^(da|es) ist ein haar in meiner suppe$|^in meiner suppe ist ein haar$|^ein haar ist in meiner suppe$/,
    fr: /^il y a un cheveu dans ma soupe$/,
    es: /^hay un (pelo|cabello) en mi sopa$/,
    cs: /^(v (mé|mojí|moji) polévce je (vlas|chlup)|mám (v|ve) polévce (vlas|chlup)|v polévce mám (vlas|chlup)|je (vlas|chlup) v (mé|mojí) polévce)$/,
  },
  {
    en: 'I love you.',
    de: /^ich liebe (dich|sie|euch)$|^ich hab(e)? dich lieb$/,
    fr: /^je (t'aime|vous aime)$/,
    es: /^(yo )?te (amo|quiero)$|^(la|lo|os) (amo|quiero)$/,
    cs: /^(miluji|miluju) (tě|vás)$|^mám tě rád(a)?$/,
  },
  {
    en: 'You have to take this medicine three times a day.',
    de: /^(du musst|sie müssen|ihr müsst) (dieses medikament|diese medizin|diese arznei|das medikament|dieses arzneimittel) (dreimal|drei mal) (am tag|täglich|pro tag) (einnehmen|nehmen)$/,
    fr: /^(tu dois|vous devez|il faut|il te faut|il vous faut) prendre ce (médicament|remède) (trois|3) fois par jour$/,
    es: /^(tienes|tiene|tienen) que tomar (esta medicina|este medicamento|esta medicación) tres veces (al|por) día$|^(debes|debe) tomar (esta medicina|este medicamento) tres veces (al|por) día$/,
    cs: /^(musíš|musíte) (si )?(brát|užívat|vzít|vzít si) (tento|ten|tenhle) lék (třikrát|tři krát) (denně|za den)$|^(ten|tento|tenhle) lék (musíš|musíte) (brát|užívat) třikrát denně$|^(musíš|musíte) (brát|užívat) tyto léky třikrát denně$|^(musíš|musíte) (tento|ten|tenhle) lék (brát|užívat) třikrát denně$/,
  },
  {
    en: 'We have to hurry or we will miss the bus.',
    de: /^wir müssen uns beeilen,? (oder|sonst) (wir )?(werden|verpassen|versäumen) (wir )?den bus( verpassen| versäumen)?$/,
    fr: /^(nous devons|il faut|on doit) (nous |se )?dépêcher,? (ou|sinon|sans quoi) (nous|on) (allons|va|raterons|manquerons|ratera) (rater |manquer |louper )?le bus$|^il faut (qu'on se dépêche|se dépêcher),? ou (on|nous) (va|allons) (rater|manquer) le bus$/,
    es: /^tenemos que (darnos prisa|apurarnos|apresurarnos),? o (perderemos|vamos a perder) el (autobús|bus)$|^debemos (darnos prisa|apurarnos|apresurarnos),? o perderemos el (autobús|bus)$/,
    cs: /^musíme (si )?(pospíšit|spěchat|pohnout)( si)?,? (nebo|jinak|aby) (nám )?(zmeškáme|nestihneme|promeškáme|ujede|(zmeškáme) ten) ?(ten )?(autobus|nám autobus)$|^musíme si pospíšit,? jinak (nám )?(zmeškáme|ujede) autobus$/,
  },
];

/** Of the twenty-four. */
const OTHERS_RIGHT = { de: 23, fr: 21, es: 23, cs: 12 } as const;

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/^[¿¡\s]+|[\s.!?]+$/gu, '')
    .replaceAll('’', "'");

type To = keyof typeof RIGHT;

const loadEveryday = async (): Promise<TranslatorModel> =>
  loadTranslator((await findTranslator({ model: 'translator-everyday' })).folder);

// WASM translates as ONNX Runtime does (shipped-models-onnx.test.ts), and takes several times as long.
describeGraphs('plain sentences', () => {
  let model: TranslatorModel;
  beforeAll(async () => void (model = await loadEveryday()));
  afterAll(() => model.dispose());

  it.each(Object.entries(RIGHT) as [To, number][])('that are typed first, to %s: %i are right', async (to, least) => {
    const results = await translate(
      model,
      SENTENCES.map(({ en }) => en),
      { to },
    );
    const right = results.filter(({ text }, i) => SENTENCES[i]![to].includes(plain(text)));
    expect(right.length, results.map(({ text }) => text).join('\n')).toBeGreaterThanOrEqual(least);
  });

  it.each(['de', 'fr', 'es', 'cs'])('and what is far from them is known to be, in %s', async (to) => {
    const everyday = 'I do not know where he is. Can you help me? We went home and she was very happy.';
    const legal =
      'Subject to the terms and conditions of this licence, each contributor hereby grants a perpetual, irrevocable copyright ' +
      'licence to reproduce and sublicense derivative works. Notwithstanding the above, indemnity obligations survive.';
    const isUnlike = async (text: string): Promise<boolean> => (await translate(model, [text], { to }))[0]!.isUnlike;
    expect([await isUnlike(everyday), await isUnlike(legal)]).toEqual([false, true]);
  });
});

describeGraphs('plain sentences of other topics', () => {
  let model: TranslatorModel;
  beforeAll(async () => void (model = await loadEveryday()));
  afterAll(() => model.dispose());

  it.each(Object.entries(OTHERS_RIGHT) as [To, number][])('to %s: %i are right', async (to, least) => {
    const results = await translate(
      model,
      OTHERS.map(({ en }) => en),
      { to },
    );
    const right = results.filter(({ text }, i) => OTHERS[i]![to].test(plain(text)));
    expect(right.length, results.map(({ text }) => text).join('\n')).toBeGreaterThanOrEqual(least);
  });
});
