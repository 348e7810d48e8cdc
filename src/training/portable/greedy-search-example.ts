/**
 * What the Python examples of exported Transformers have in common: from the ids of `source` and the first `token`, the
 * likeliest token each time, into `found`.
 */
export const GREEDY_SEARCH = `padding = np.zeros((1, 1, 1, len(source)), np.float32)
feeds = {"tokens": np.array([source], np.int32), "positions": positions(0, len(source)), "padding": padding}
outputs = zip((output.name for output in encoder.get_outputs()), encoder.run(None, feeds))
state = {f"memory/{name}": value for name, value in outputs} | {"memory/padding": padding}
names = [value.name for value in step.get_inputs()]
state |= {name: state[name.replace("past", "memory")][:, :, :0] for name in names if name.startswith("past/")}
found = []
while len(found) < 2 * len(source) + 10:
    fed = {"tokens": np.array([token], np.int32), "rows": np.zeros(1, np.int32), "position": positions(len(found), 1)}
    out = dict(zip((output.name for output in step.get_outputs()), step.run(None, fed | state)))
    state |= {name: out[f"next_{name}"] for name in names if name.startswith("past/")}
    out["logProbabilities"][0, ids["forbidden"]] = -np.inf
    token = int(out["logProbabilities"][0].argmax())
    if token == ids["end"]:
        break
    found.append(token)`;
