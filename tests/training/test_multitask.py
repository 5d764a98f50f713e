"""Rounds of training: a later one begins with the weights of the one before, and is averaged with them."""

from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

from training.model import Shape, SupportEncoder
from training.multitask import NEW_SHARE, Plan, Trainer


def trainer(folder, minutes=1.0):
    torch.manual_seed(len(list(folder.iterdir())))
    model = SupportEncoder(Shape(64, 32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32))
    tasks = SimpleNamespace(rng=np.random.default_rng(7))
    return Trainer(model, nn.Linear(32, 3), tasks, None, Plan(minutes), folder)


def weights(model):
    return torch.cat([value.flatten() for value in model.state_dict().values()])


def test_a_second_round_is_averaged_with_the_first(tmp_path):
    first = trainer(tmp_path)
    first.elapsed_s, first.step = 60.0, 9  # its minutes are over
    first.save()
    second = trainer(tmp_path)
    assert second.resume() and (second.elapsed_s, second.step) == (0.0, 0)
    assert (second.earlier_s, second.earlier_steps) == (60.0, 9)
    with torch.no_grad():
        for value in second.model.parameters():
            value.add_(1.0)
    expected = NEW_SHARE * weights(second.model) + (1 - NEW_SHARE) * weights(first.model)
    assert torch.allclose(weights(second.averaged()), expected)


def test_a_round_that_was_killed_remembers_the_one_before(tmp_path):
    first = trainer(tmp_path)
    first.elapsed_s = 60.0
    first.save()
    second = trainer(tmp_path)
    second.resume()
    with torch.no_grad():
        for value in second.model.parameters():
            value.mul_(2.0)
    second.elapsed_s = 30.0
    second.save()
    again = trainer(tmp_path)
    assert again.resume() and again.elapsed_s == 30.0
    assert torch.allclose(weights(again.averaged()), weights(second.averaged()))
    assert not torch.allclose(weights(again.averaged()), weights(again.model))


def test_a_first_round_is_its_own_weights(tmp_path):
    alone = trainer(tmp_path)
    assert not alone.resume()
    assert torch.equal(weights(alone.averaged()), weights(alone.model))
