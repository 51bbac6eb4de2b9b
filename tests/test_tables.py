"""Tables that come with the project are what their networks give; relatives are what they say."""

import json
import shutil
from types import SimpleNamespace

import pytest
import torch

from harsanyi.networks import (
    data,
    files,
    language,
    next_word,
    table_plans,
    table_samples,
    table_sets,
    tables,
    training_sets,
    variants,
)
from harsanyi.networks.torchvision_shim import import_torchvision
from harsanyi.networks.values import logit

ROOT = files.project_root()
SHIPPED = [n for n in table_sets.SETS if (ROOT / "data" / "tables" / f"{n}.npz").is_file()]
CHEAP = ("lenet", "mlp7", "mlp", "cnn", "gru", "random")
CONTROLS = ("random", "shuffled", "other-task")
NAME = "lenet-mnist"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project with digits and no network yet."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "data").mkdir()
    for file in ("manifest.json", "README.md", "mnist-train.npz", "mnist-test.npz"):
        shutil.copy(ROOT / "data" / file, folder / "data" / file)
    return folder


@pytest.fixture
def small_set(root, monkeypatch):
    """A set of three LeNets on one small picture of a three."""
    monkeypatch.setenv("HARSANYI_ROOT", str(root))
    sources = [("trained", 1), ("random", 5), ("shuffled", 6)]
    plan = table_plans.TableSet(
        "A small set", "For tests.", "MIT",
        tuple(table_plans.Source(f"lenet {kind}", NAME, seed, kind) for kind, seed in sources),
        lambda scale: table_samples.choose_pictures([NAME], (3,), 2, 4, 3, scale),
        lambda model, sample: table_samples.picture_game("mnist", logit, model, sample),
        lambda source, model, scale: table_plans.score("mnist", source, model, scale),
    )  # fmt: skip
    monkeypatch.setitem(table_sets.SETS, "small", plan)
    return plan


def test_a_set_is_computed_kept_and_read_again(small_set, root):
    made = tables.compute("small", "smoke", progress=False)
    assert made.values.shape == (3, 1, 16) and made.values.dtype == torch.float64
    assert [source.kind for source in made.networks] == ["trained", "random", "shuffled"]
    trained, random, shuffled = (source.accuracy for source in made.networks)
    assert trained > 0.8 and max(random, shuffled) < 0.4
    tables.save("small", made)
    again = tables.load_tables("small")
    assert torch.equal(again.values, made.values) and again[1:] == made[1:]
    entry = json.loads((root / "data/manifest.json").read_text("utf-8"))["tables-small"]
    assert entry["files"]["tables/small.npz"]["sha256"] in (root / "data/README.md").read_text()
    sample, source = made.samples[0], made.networks[0]
    model = table_plans.rebuild(source, "smoke")
    assert source.accuracy == pytest.approx(variants.test_accuracy(model, NAME, "smoke"), abs=1e-4)
    assert torch.equal(small_set.game(model, sample).table().float().double(), made.values[0, 0])


def test_an_interrupted_run_goes_on_with_the_next_network(small_set, monkeypatch):
    tables.compute("small", "smoke", progress=False)
    idle = small_set._replace(part=None)  # nothing is left to compute
    monkeypatch.setitem(table_sets.SETS, "small", idle)
    assert tables.compute("small", "smoke", progress=False).values.shape == (3, 1, 16)


def test_a_damaged_or_missing_file_is_an_error_with_the_command(small_set):
    path = tables.save("small", tables.compute("small", "smoke", progress=False))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="damaged.*python -m harsanyi.networks.tables small"):
        tables.load_tables("small")
    path.unlink()
    with pytest.raises(FileNotFoundError, match="python -m harsanyi.networks.tables small"):
        tables.load_tables("small")


def test_an_unknown_set_is_an_error_that_names_the_sets():
    with pytest.raises(KeyError, match="nope.*mnist-3"):
        tables.load_tables("nope")


def test_relatives_differ_in_what_they_say_and_in_nothing_else(small_set):
    first, again = (variants.seeded(NAME, 1, "smoke") for _ in range(2))  # trained, then loaded
    other = variants.shuffled(NAME, 1, "smoke")
    weights = [next(net.parameters()) for net in (first, again, other)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    assert not any(net.training for net in (first, other, variants.untrained(NAME, 1, "smoke")))
    labels = torch.arange(50) % 7
    assert torch.equal(variants.deal(labels, 3).sort().values, labels.sort().values)
    assert not torch.equal(variants.deal(labels, 3), variants.deal(labels, 4))
    with pytest.raises(KeyError, match="lenet-cars"):
        variants.shuffled("lenet-cars")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_set_is_whole(name):
    found, plan = tables.load_tables(name), table_sets.SETS[name]
    players = len(found.samples[0]["names"])
    assert found.values.shape == (len(found.networks), len(found.samples), 2**players)
    bare = {"accuracy": 0.0, "calibration": None, "fitted": None}
    bare |= {field: None for field in table_plans.OF_TRAININGS if field != "noise"}
    assert tuple(dict.fromkeys(s._replace(**bare) for s in found.networks)) == plan.sources
    assert found.about == plan.about
    assert torch.isfinite(found.values).all() and found.values.std(-1).min() > 0
    assert all(len(set(sample["names"])) == players for sample in found.samples)
    rows = {(s.get("split"), s["index"], s.get("draw")) for s in found.samples}
    assert len(rows) == len(found.samples)
    trained = found.of("trained")
    assert trained.values.shape[0] == len(trained.networks)
    if found.networks[0].step is not None:  # snapshots begin as bad as chance
        return
    worst = min(source.accuracy for source in trained.networks if source.reading == "head")
    others = [s.accuracy for s in found.networks if s.kind in CONTROLS and s.reading == "head"]
    assert worst > max(others, default=0.5)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_networks_that_need_no_training_give_the_shipped_values(name):
    found, plan = tables.load_tables(name), table_sets.SETS[name]
    cheap = [i for i, source in enumerate(found.networks)
             if source.kind == "random" and source.reading == "head"
             and source.name.split()[0] in CHEAP]  # fmt: skip
    for i in cheap:
        model = table_plans.rebuild(found.networks[i])
        for at in (0, len(found.samples) - 1):
            value = plan.game(model, found.samples[at]).table()
            assert torch.allclose(value, found.values[i, at], atol=1e-4)
    none_or_dear = ("layers-sentences", "layers-noise", "robust-moved", *training_sets.SETS)
    assert cheap or name in none_or_dear


PICTURES = [n for n in SHIPPED if n.endswith(("mnist", "mnist-3", "noise", "moved"))]


@pytest.mark.parametrize("name", PICTURES)
def test_patches_of_shipped_pictures_lie_on_ink_and_labels_are_the_test_rows(name):
    task = "fashion-mnist" if name.endswith("fashion-mnist") else "mnist"
    splits = {split: data.load(task, split) for split in ("train", "test")}
    for sample in tables.load_tables(name).samples:
        test = splits[sample.get("split", "test")]
        told_right = sample["label"] == test.y[sample["index"]]
        assert told_right != sample.get("mislabelled", False)
        owner = table_samples.picture_owner(sample)
        for player in range(len(sample["names"])):
            assert (owner == player).sum() == sample["size"] ** 2
            assert test.x[sample["index"], 0][owner == player].sum() > 0


def test_the_controls_share_no_first_weights_with_a_trained_network():
    for plan in table_sets.SETS.values():
        trained = {(s.network.split("-")[0], s.seed) for s in plan.sources if s.kind == "trained"}
        others = {(s.network.split("-")[0], s.seed) for s in plan.sources if s.kind in CONTROLS}
        assert not trained & others
        assert len({(s.name, s.layer, s.reading) for s in plan.sources}) == len(plan.sources)


def test_words_that_play_are_function_words_only_where_others_run_out():
    words = "The plot of the film is a cat with good jokes".split()
    few, many = (table_samples.playing_words(words, n, seed=1) for n in (5, 8))
    assert [words[at] for at in few] == ["plot", "film", "cat", "good", "jokes"]
    assert set(few) < set(many) and many == sorted(many)


def test_spread_rows_can_play_and_are_as_many_as_asked():
    assert list(table_samples.spread(range(100), 4, lambda row: row % 10 == 3)) == [3, 33, 53, 83]
    with pytest.raises(ValueError, match="of which 1 can play, expected 3"):
        list(table_samples.spread(range(9), 3, lambda row: row == 2))


@pytest.fixture(scope="module")
def small_language_model(root):
    """The small network that tells the next word, as the smoke scale trains it."""
    shutil.copy(ROOT / "data" / "movie-sentences.csv.xz", root / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARSANYI_ROOT", str(root))
        return language.word_gru(0, "smoke")


def test_equal_beginnings_are_read_once_and_all_rows_get_what_a_plain_pass_gives():
    import_torchvision()
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    sizes = {"hidden_size": 24, "intermediate_size": 48, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    plain = LlamaForCausalLM(LlamaConfig(vocab_size=30, **sizes, **heads)).eval()
    model = language.PrefixTransformer(plain, SimpleNamespace(size=31, mask_id=30)).eval()
    ids = torch.randint(0, 30, (20, 6))
    ids[:12, :4] = ids[0, :4]
    rows = []
    with torch.no_grad():
        expected = plain(ids).logits  # (20, 6, 30)
        model.body.register_forward_pre_hook(
            lambda module, args, given: rows.append(len(given["inputs_embeds"])), with_kwargs=True
        )
        assert torch.allclose(model(ids), expected[:, -1], atol=1e-6)
        assert rows == [len({*map(tuple, ids[:, : t + 1].tolist())}) for t in range(6)]
        assert torch.allclose(model.steps(ids), expected.transpose(1, 2), atol=1e-6)
    assert torch.allclose(model.vectors.weight[30], plain.model.embed_tokens.weight.mean(0))


def test_the_small_language_model_learns_and_tells_from_the_left_alone(small_language_model):
    model, fresh = small_language_model, language.untrained_gru(5)
    ids = model.tokenizer.encode("This is one of the best films of the year").ids[None]
    with torch.no_grad():
        every = model.steps(ids)  # (1, V, L)
        assert torch.allclose(model(ids[:, :4]), every[:, :, 3], atol=1e-5)
    texts = data.load("movie-sentences", "test").texts[:20]
    ranks = [sum(sum(next_word.ranks(m, text)) for text in texts) for m in (model, fresh)]
    assert ranks[0] < 0.7 * ranks[1]
    assert 0 <= next_word.score(model, "smoke") < 1


def test_beginnings_end_before_a_word_that_the_network_finds_likely(small_language_model):
    model = small_language_model
    for sample in next_word.choose([model], 2, 8, among=2000):
        text = data.load("movie-sentences", "test").texts[sample["index"]]
        assert text.split()[: len(sample["words"])] == sample["words"]
        assert text.split()[len(sample["words"])].startswith(sample["label"])
        game = next_word.game(model, sample)
        before = model(game.x[None])[0].double()  # (V,)
        at = next_word.target(model, sample)
        assert (before > before[at]).sum() < 2000
        odds = (before.log_softmax(0)[at].exp()).logit()
        assert torch.allclose(game([2**game.n - 1])[0], odds, atol=1e-4)
    with pytest.raises(ValueError, match="expected 9999; raise among"):
        next_word.choose([model], 9999, 8, among=1)
    with pytest.raises(KeyError, match="smollm2"):
        next_word.make("smollm2", 0, "shuffled")
