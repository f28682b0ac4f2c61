"""Give exported files to TRL's own trainers, with a tokenizer and a model made here; print what became of the rows.

Run in the environment of requirements.txt beside this file: `python train.py FOLDER JOBS`, where JOBS is JSON: a list
of [trainer, file]. Prints one line of JSON a job.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
import transformers
import trl
from datasets import load_dataset, load_from_disk
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LONGEST, STEPS = 512, 2
READERS = {".jsonl": "json", ".parquet": "parquet"}


def read(path: Path, cache: str) -> Any:
    """The rows of the train side of an exported file, or of a `datasets` folder."""
    if path.is_dir():
        return load_from_disk(str(path))["train"]
    return load_dataset(READERS[path.suffix], data_files=str(path), split="train", cache_dir=cache)


def tokenizer_of(texts: list[str]) -> Any:
    """Bytes in pairs, learned from these texts."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=600, special_tokens=special, initial_alphabet=alphabet)
    )
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|end|>", pad_token="<|pad|>")
    fast.chat_template = TEMPLATE
    return fast


def model_of(tokenizer: Any, is_reward: bool) -> Any:
    """A model of a few thousand weights drawn by lot."""
    torch.manual_seed(0)
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 2 * LONGEST}
    config = transformers.Qwen2Config(
        vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id, num_labels=1, **size, **heads
    )
    kind = transformers.Qwen2ForSequenceClassification if is_reward else transformers.Qwen2ForCausalLM
    return kind(config)


TRAINERS = {
    "dpo": (trl.DPOTrainer, trl.DPOConfig),
    "reward": (trl.RewardTrainer, trl.RewardConfig),
    "kto": (trl.KTOTrainer, trl.KTOConfig),
    "sft": (trl.SFTTrainer, trl.SFTConfig),
}


def trained(name: str, data: Any, tokenizer: Any, folder: str) -> dict[str, Any]:
    """What TRL's trainer made of the rows, after two steps."""
    trainer_of, config_of = TRAINERS[name]
    options = {"output_dir": folder, "max_length": LONGEST, "per_device_train_batch_size": 2, "max_steps": STEPS}
    quiet = {"report_to": [], "save_strategy": "no", "use_cpu": True, "bf16": False, "disable_tqdm": True}
    args = config_of(**options, **quiet, logging_steps=1, gradient_checkpointing=False)
    model = model_of(tokenizer, name == "reward")
    reference = {"ref_model": model_of(tokenizer, False)} if name in ("dpo", "kto") else {}
    trainer = trainer_of(model=model, args=args, train_dataset=data, processing_class=tokenizer, **reference)
    prepared = trainer.train_dataset
    result = trainer.train()
    return {
        "trainer": name,
        "given": len(data),
        "prepared": len(prepared),
        "columns": prepared.column_names,
        "rows": [said(row, tokenizer) for row in prepared],
        "batch": sorted(next(iter(trainer.get_train_dataloader()))),
        "steps": result.global_step,
        "loss": result.training_loss,
    }


def said(row: dict[str, Any], tokenizer: Any) -> dict[str, Any]:
    """A prepared row with its tokens as text again."""
    texts = {name: tokenizer.decode(value) for name, value in row.items() if name.endswith("_ids")}
    return texts | {name: row[name] for name in ("label", "margin") if name in row}


def strings(value: Any) -> list[str]:
    """Every text in a row."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inside for text in strings(one)]


def main() -> None:
    """Run the jobs."""
    folder, jobs = Path(sys.argv[1]), json.loads(sys.argv[2])
    versions = {one.__name__: one.__version__ for one in (trl, transformers, torch)}
    with tempfile.TemporaryDirectory() as cache:
        for name, file in jobs:
            data = read(folder / file, cache)
            tokenizer = tokenizer_of([text for row in data for text in strings(row)])
            print(json.dumps({"file": file, "versions": versions} | trained(name, data, tokenizer, cache)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
