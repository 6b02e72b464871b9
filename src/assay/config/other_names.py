"""Names that other tools have for settings of this project, for the hint after an unknown key."""

OTHER_NAMES = {
    **dict.fromkeys(("epochs", "num_epochs", "max_epochs", "num_train_epochs"), ("trainer.max_tokens", "trainer.max_steps")),
    **dict.fromkeys(("max_iters", "iterations", "steps", "num_steps", "train_steps"), ("trainer.max_steps",)),
    **dict.fromkeys(("batch_size", "bs", "train_batch_size", "global_batch_size"), ("trainer.tokens_per_step",)),
    **dict.fromkeys(("micro_batch_size", "per_device_train_batch_size"), ("trainer.sequences_per_microbatch",)),
    **dict.fromkeys(("block_size", "seq_len", "seq_length", "max_length", "context_length", "context"), ("data.context_tokens",)),
    **dict.fromkeys(("lr", "base_lr"), ("optimizer.learning_rate",)),
    **dict.fromkeys(("wd",), ("optimizer.weight_decay",)),
    **dict.fromkeys(("hidden_size", "n_embd", "embedding_size"), ("model.d_model",)),
    **dict.fromkeys(("layers", "num_layers", "num_hidden_layers"), ("model.n_layer",)),
    **dict.fromkeys(("heads", "num_heads", "num_attention_heads"), ("model.n_head",)),
    **dict.fromkeys(("device", "gpu", "gpus"), ("trainer.accelerator",)),
    **dict.fromkeys(("warmup",), ("schedule.warmup_steps",)),
    **dict.fromkeys(("output_dir", "out_dir"), ("export", "output")),
}
"""Name -> the settings that are meant, of which a verb may have none."""
