"""Make a checkpoint small enough to serve on two cores: `python tiny_model.py FOLDER`.

Runs under the interpreter that has torch and transformers. The folder gets a Llama of two layers with random
weights and a byte-level tokenizer that puts a BOS token before a text (`base`), a LoRA adapter for it
(`lora`), and the same model without BOS (`bare`).
"""

import json
import random
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WORDS = """
the a cat dog bird sat ran flew on under over mat tree house river and but then when small big red blue
one two three four answer question is was not Paris France city capital of in by with from to
"""
TEMPLATE = (
    "{% for m in messages %}<{{ m['role'] }}> {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def sentences() -> list[str]:
    """Make text for the tokenizer to learn from; numbers and accents are in it."""
    chance = random.Random(0)
    some = [chance.choices(WORDS.split(), k=chance.randint(4, 12)) for _ in range(2000)]
    made = [" ".join(words).capitalize() + "." for words in some]
    return made + [f"{n} + {n + 1} = {2 * n + 1}" for n in range(200)] + ["café über naïve 東京 Ωμέγα"] * 20


def tokenizer(*, bos: bool) -> PreTrainedTokenizerFast:
    """Train a byte-level BPE of 512 tokens."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=["<pad>", "<s>", "</s>"],
        initial_alphabet=alphabet,
        show_progress=False,
    )
    made.train_from_iterator(sentences(), trainer)
    if bos:
        made.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def model() -> LlamaForCausalLM:
    """Draw the weights, a little larger than usual so that contexts matter."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=512,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=2048,
        initializer_range=0.03,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    return LlamaForCausalLM(config).to(torch.bfloat16)


def lora(folder: Path, *, rank: int = 4) -> None:
    """Write an adapter of the query projections."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = torch.Generator().manual_seed(1)
    weights = {}
    for layer in range(2):
        name = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        weights[f"{name}.lora_A.weight"] = torch.randn(rank, 128, generator=chance).to(torch.bfloat16)
        weights[f"{name}.lora_B.weight"] = torch.randn(128, rank, generator=chance).to(torch.bfloat16)
    save_file(weights, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": "base",
        "r": rank,
        "lora_alpha": 8,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": ["q_proj"],
    }
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=1))


def main(folder: Path) -> None:
    """Write the three folders."""
    weights = model()
    for name, bos in (("base", True), ("bare", False)):
        weights.save_pretrained(folder / name)
        tokenizer(bos=bos).save_pretrained(folder / name)
    lora(folder / "lora")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
