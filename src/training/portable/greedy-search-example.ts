/** Takes the likeliest token, and keeps where the step looked. @param maps what the step calls it */
const TAKEN = (maps: 'maps' | 'weights'): string => `    out["logProbabilities"][0, ids["forbidden"]] = -np.inf
    token = int(out["logProbabilities"][0].argmax())
    if token == ids["end"]:
        break
    found.append(token)
    maps.append(${maps === 'maps' ? 'out["maps"][0]' : 'out.get("weights", np.zeros(0)).reshape(1, 1, -1)'})`;

/**
 * What the Python examples of exported Transformers have in common: from the ids of `source` and the first `token`, the
 * likeliest token each time, into `found`, and where each head of each layer looked, into `maps`.
 */
export const GREEDY_SEARCH = `padding = np.zeros((1, 1, 1, len(source)), np.float32)
feeds = {"tokens": np.array([source], np.int32), "positions": positions(0, len(source)), "padding": padding}
outputs = zip((output.name for output in encoder.get_outputs()), encoder.run(None, feeds))
state = {f"memory/{name}": value for name, value in outputs} | {"memory/padding": padding}
names = [value.name for value in step.get_inputs()]
state |= {name: state[name.replace("past", "memory")][:, :, :0] for name in names if name.startswith("past/")}
found, maps = [], []
while len(found) < 2 * len(source) + 10:
    fed = {"tokens": np.array([token], np.int32), "rows": np.zeros(1, np.int32), "position": positions(len(found), 1)}
    out = dict(zip((output.name for output in step.get_outputs()), step.run(None, fed | state)))
    state |= {name: out[f"next_{name}"] for name in names if name.startswith("past/")}
${TAKEN('maps')}`;

/** The same with a recurrent model, which has one map. */
export const GREEDY_SEARCH_RECURRENT = `feeds = {"tokens": np.array([source], np.int32), "mask": np.ones((1, len(source)), np.float32)}
state = dict(zip((output.name for output in encoder.get_outputs()), encoder.run(None, feeds)))
names = [value.name for value in step.get_inputs()]
found, maps = [], []
while len(found) < 2 * len(source) + 10:
    fed = {"tokens": np.array([token], np.int32), "rows": np.zeros(1, np.int32)}
    fed |= {name: state[name] for name in names if name in state}
    out = dict(zip((output.name for output in step.get_outputs()), step.run(None, fed)))
    state |= {name: out[f"next_{name}"] for name in names if name.startswith("past/")}
${TAKEN('weights')}`;

/** What the command line of an example says: `language`, `sentence`, and whether maps are wanted. */
export const ARGUMENTS = `shows = "--maps" in sys.argv[1:2]
language, *words = sys.argv[1 + shows :] or [""]
sentence = " ".join(words)
if not words or (ids["languages"] and language not in ids["languages"]):
    sys.exit(f"python translate.py [--maps] LANGUAGE SENTENCE; languages: {', '.join(ids['languages'])}")`;

/** Shows the maps of a greedy search. @param symbol how a token is written, in Python */
export const showMaps = (symbol: string): string => `if shows and found and maps[0].size:
    maps = np.stack(maps)  # [written, layers, heads, read]
    for layer, head in np.ndindex(maps.shape[1:3]):
        print(f"layer {layer + 1}, head {head + 1}: a line for each symbol that was written, a column for each that was read")
        for token, row in zip(found, maps[:, layer, head]):
            shades = "".join(" .:-=+*#%@"[int(9.99 * weight)] for weight in row)
            print(f"{${symbol}:>16} |{shades}|")`;
