"""Writes tokens as text: the half of src/engine/text/subword-tokenizer.ts that validation needs."""

BYTES = 256


class Vocabulary:
    """@param model: what a checkpoint's metadata has as `tokenizer`"""

    def __init__(self, model):
        self.symbols = model["symbols"]
        self.first_byte = 4 + len(model["languages"])
        self.first_symbol = self.first_byte + BYTES

    def decode(self, ids):
        """Text for people; special tokens write nothing."""
        text, waiting = "", bytearray()
        for token in ids:
            if self.first_byte <= token < self.first_symbol:
                waiting.append(token - self.first_byte)
                continue
            text += waiting.decode(errors="replace")
            waiting.clear()
            if token < self.first_byte:
                continue
            symbol = self.symbols[token - self.first_symbol]
            # A word's space is written once, and not at the beginning.
            text += symbol[1:] if symbol.startswith(" ") and (text == "" or text.endswith(" ")) else symbol
        return (text + waiting.decode(errors="replace")).rstrip()
