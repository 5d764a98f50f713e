"""Ids that share a phone or an address are one person, and nobody is merged by a placeholder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.customer import identities, purchase_log
from assistant.customer.identities import Alias, Met, email_of, ids_of_person, joined, merged, phone_of
from assistant.customer.import_people import read_people
from assistant.customer.people import People
from assistant.errors import InputError


def same(*people):
    return merged(Met("salt", {}), people).met.same


@pytest.mark.parametrize(
    ("cell", "phone"),
    [("138 0013 8000", "13800138000"), ("+86-13800138000", "13800138000"), ("008613800138000", "13800138000"),
     ("+44 20 7946 0958", "442079460958"), ("00000000", ""), ("13333333333", ""), ("123", ""), ("", "")],
)  # fmt: skip
def test_a_phone_is_one_however_it_is_written(cell, phone):
    assert phone_of(cell) == phone


def test_an_address_is_one_in_any_case_and_only_if_it_is_one():
    assert email_of(" Ann@Example.COM ") == "ann@example.com"
    assert email_of("ann at example") == email_of("n/a") == ""


def test_a_chain_of_shared_phones_and_addresses_is_one_person():
    people = [("a", "13800138000", ""), ("b", "138-0013-8000", "b@x.cn"), ("c", "", "B@X.cn"), ("d", "13912345678", "")]
    done = merged(Met("salt", {}), people)
    assert done.met.same == {"b": "a", "c": "a"}
    assert [(link.customer_id, link.merged_into, link.because) for link in done.links] == [
        ("b", "a", "phone"),
        ("c", "a", "email"),
    ]


def test_a_phone_of_many_is_nobodys_identity():
    done = merged(Met("salt", {}), [(f"c{i}", "02088886666", "") for i in range(6)])
    assert (done.met.same, done.n_shared) == ({}, 1)


def test_the_same_file_again_changes_nothing_and_a_corrected_one_undoes_a_merge():
    people = [("a", "13800138000", ""), ("b", "13800138000", "")]
    first = merged(Met("salt", {}), people)
    again = merged(first.met, people)
    assert again.met == first.met and again.links == ()
    assert merged(again.met, [("b", "13900001234", "")]).met.same == {}


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["13800138000", "13900001234", ""]), st.just(""))))
def test_whoever_stands_for_a_person_stands_for_themselves(people):
    found = same(*people)
    assert not set(found) & set(found.values())


def test_the_folder_holds_no_phone_and_forgets_whom_it_must(tmp_path):
    people = [("a", "13800138000", ""), ("b", "13800138000", ""), ("c", "13800138000", "")]
    identities.publish(tmp_path, merged(identities.load(tmp_path), people).met)
    assert ids_of_person(tmp_path, "b") == ["b", "a", "c"] and ids_of_person(tmp_path, "z") == ["z"]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"13800138000" in content for content in files)
    assert (identities.forget(tmp_path, "a"), identities.forget(tmp_path, "a")) == (1, 0)
    assert identities.load(tmp_path).same == {"c": "b"}


def test_lines_are_read_under_the_first_id():
    columns = {name: np.zeros(3, kind) for name, kind in zip(purchase_log.COLUMNS, "iiiddQQb", strict=True)}
    columns["customer"] = np.array([1, 2, 0], np.int32)
    lines = purchase_log.Lines(*columns.values(), ("", "b", "c"), ("tea",))
    read = joined(lines, {"b": "a", "c": "a"})
    assert [read.customer_ids[code] for code in read.customer] == ["a", "a", ""]


def test_people_are_read_from_a_file_and_a_row_without_an_id_is_kept(tmp_path):
    path, rejects = tmp_path / "members.csv", tmp_path / "rejects.csv"
    path.write_text("会员编号,手机号,邮箱\nc1,13800138000,\n,13900001234,\nc2,,a@b.cn\n", "utf-8")
    assert list(read_people(path, {}, rejects)) == [("c1", "13800138000", ""), ("c2", "", "a@b.cn")]
    assert "names no customer" in rejects.read_text("utf-8-sig")
    path.write_text("会员编号,昵称\nc1,li\n", "utf-8")
    with pytest.raises(InputError, match="no column for phone"):
        list(read_people(path, {}, rejects))


def test_ids_are_merged_because_of_what_they_share_and_not_of_what_is_theirs_alone():
    people = [(f"{name}{i}", f"1380013800{i}", f"{name}{i}@x.cn") for i in range(9) for name in "ab"]
    assert {link.because for link in merged(Met("salt", {}), people).links} == {"phone"}


def test_the_other_ids_of_a_person_say_what_they_share(tmp_path):
    people = [("a", "13800138000", ""), ("b", "138-0013-8000", "b@x.cn"), ("c", "", "B@X.cn"), ("d", "13912345678", "")]
    identities.publish(tmp_path, merged(identities.load(tmp_path), people).met)
    found = People(tmp_path)
    assert found.also("a") == (Alias("b", "phone"), Alias("c", "email"))
    assert found.also("c") == (Alias("a", "phone"), Alias("b", "phone"))
    assert found.knows("d") and not found.knows("stranger")
    assert found.also("d") == found.also("stranger") == People(tmp_path / "none").also("a") == ()
    identities.publish(tmp_path, merged(identities.load(tmp_path), [("b", "", "")]).met)
    assert found.also("a") == ()  # a later import is seen


def test_ids_merged_before_the_reason_was_kept_are_still_one_person(tmp_path):
    met = merged(Met("salt", {}), [("a", "13800138000", ""), ("b", "13800138000", "")]).met
    identities.publish(tmp_path, Met(met.salt, met.marks))
    assert People(tmp_path).also("a") == (Alias("b", ""),)
    again = merged(identities.load(tmp_path), [("c", "13800138000", "")])
    assert set(again.met.same) == {"b", "c"}
