"""Encode a cleaned corpus with its tokenizer: python src/encode.py data=shakespeare tokenizer=bpe"""

from assay.config.entry import verb
from assay.config.schema import TokenizerConfig


@verb("encode", TokenizerConfig)
def main(config: TokenizerConfig) -> None:
    from assay.data.encode import encode
    from assay.data.places import clean_folder, tokenizer_folder, tokens_folder
    from assay.data.recipe_change import refuse_other_text

    refuse_other_text(config, clean_folder(config.data))
    name = str(config.tokenizer.name)
    target = tokens_folder(config.data, name)
    encode(config, clean_folder(config.data), tokenizer_folder(config.data, name), target)
    print(f"token files: {target}")


if __name__ == "__main__":
    main()
