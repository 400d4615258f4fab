"""Messages: what is no message is refused in one sentence, whatever it is."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replate.errors import UsageError
from replate.service.wire import MOST, pack, parse, receive

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def received(data: bytes, **how: Any) -> Any:
    async def read() -> Any:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await receive(reader, **how)

    return asyncio.run(read())


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_a_message_arrives_as_it_was_sent(message: dict[str, Any]) -> None:
    assert received(pack(message)) == message


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_sentence(data: bytes) -> None:
    try:
        assert isinstance(parse(data), dict)
    except UsageError as error:
        assert "\n" not in str(error)


@given(st.dictionaries(st.text(), JSON, min_size=1, max_size=3), st.data())
def test_a_message_that_breaks_off_is_none(message: dict[str, Any], data: Any) -> None:
    whole = pack(message)
    assert received(whole[: data.draw(st.integers(0, len(whole) - 1))]) is None


def test_absurd_lengths_are_refused_before_they_are_read() -> None:
    with pytest.raises(UsageError, match=str(MOST)):
        received((MOST + 1).to_bytes(4, "big"))
    with pytest.raises(UsageError, match="100 are allowed"):
        received(pack({"a": "b" * 200}), most=100)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"a": ' + "[" * 40 + "]" * 40 + "}"])
def test_deep_nests_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="deeper"):
        parse(text.encode())


def test_brackets_in_texts_are_no_nests() -> None:
    message = {"a": '[[[{{{"\\' * 40}
    assert parse(json.dumps(message).encode()) == message


@pytest.mark.parametrize("text", ["[1]", "1", "", '{"a": NaN}', '{"a": -Infinity}', "\xff"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text.encode("latin-1"))
