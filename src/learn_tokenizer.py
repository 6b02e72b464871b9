"""Learn a vocabulary from a cleaned corpus: python src/learn_tokenizer.py data=shakespeare tokenizer=bpe"""

from assay.config.entry import verb
from assay.config.schema import TokenizerConfig


@verb("learn_tokenizer", TokenizerConfig)
def main(config: TokenizerConfig) -> None:
    from assay.data.places import clean_folder, tokenizer_folder
    from assay.data.recipe_change import refuse_other_text
    from assay.tokenizer.stage import learn_tokenizer

    target = tokenizer_folder(config.data, str(config.tokenizer.name))
    refuse_other_text(config, clean_folder(config.data))
    learn_tokenizer(config, clean_folder(config.data), target)
    print(f"tokenizer.json and card: {target}")


if __name__ == "__main__":
    main()
